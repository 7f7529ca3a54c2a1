import type { Browser, Page } from './browser.js';
import type { FormFields } from './http.js';
import type { TestIdentityProvider } from './identity-provider.js';
import type { MailServer } from './mail-server.js';
import type { Owner } from './owner.js';
import type { TestServer } from './start-server.js';

/** An owner who is also an operator, and the servers that the acts need. */
export interface Actor {
  readonly server: TestServer;
  /** Another server with the same database, at which accounts are created by invitation. */
  readonly inviting: TestServer;
  readonly owner: Owner;
  readonly mailServer: MailServer;
  readonly idp: TestIdentityProvider;
}

/** An act that can be repeated until it succeeds. */
export type Act = () => Promise<{ readonly status: number }>;

/** Prepares an act. */
export type Prepare = (actor: Actor) => Promise<Act>;

/** Sends a form of a page. */
export const submit =
  (browser: Browser, page: Page, action: string, fields: FormFields = {}): Act =>
  () =>
    browser.submit(page, action, fields, { follow: false });

/** The form at `action` of the page at `path`. */
export function form(path: string, action: string, fields: FormFields = {}): Prepare {
  return async ({ owner: { browser } }) => submit(browser, await browser.open(path), action, fields);
}

/** The first form of the page at `path` whose action ends with `end`. */
export function formLike(path: string, end: string, fields: FormFields = {}): Prepare {
  return async ({ owner: { browser } }) => {
    const page = await browser.open(path);
    return submit(browser, page, findAction(page, end), fields);
  };
}

export function findAction({ text, url }: Page, end: string): string {
  const action = [...text.matchAll(/<form\b[^>]* action="([^"]+)"/g)].find(([, one]) => one?.endsWith(end))?.[1];
  if (action === undefined) throw new Error(`the page ${url.pathname} has no form like ${end}`);
  return action;
}

/** Does something that an act needs, and then prepares the act. */
export function after(first: Prepare, act: Prepare): Prepare {
  return async (actor) => {
    const answer = await (await first(actor))();
    if (answer.status >= 400) throw new Error(`what the act needs was refused: ${answer.status}`);
    return act(actor);
  };
}
