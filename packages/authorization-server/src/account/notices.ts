import { createHmac } from 'node:crypto';
import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import { cookieAttributes, cookieNames } from '../cookie-names.js';
import { isEqual } from '../text/is-equal.js';
import type { FixedId } from '../texts/texts.js';

type Deps = { readonly configuration: Pick<Configuration, 'issuer' | 'cookieKeys'> };

/** The texts that a page shows after an act, by the name of what was done. */
export type Notices = Readonly<Record<string, FixedId>>;

/** A notice about an act, for the page that follows the act. */
export interface ActNotice {
  /** The path of the page, with its query. Only this page shows the notice. */
  readonly path: string;
  /** Names what was done. */
  readonly done: string;
  /** The values in the sentence, such as the number of apps. */
  readonly values?: Readonly<Record<string, string>>;
}

/** Enough to load the next page. */
const keptMilliseconds = 60_000;

/**
 * Keeps what the next page says about an act, in a signed cookie. The page's URL does not contain it: otherwise
 * anyone could send an owner a link to a page that says, for instance, that all access has been removed.
 */
export function keepNotice({ configuration }: Deps, ctx: Context, { path, done, values = {} }: ActNotice): void {
  const [page = ''] = path.split('?');
  const text = JSON.stringify([page, done, values]);
  const [key] = configuration.cookieKeys;
  ctx.cookies.set(cookieNames(configuration).notice, `${Buffer.from(text).toString('base64url')}.${sign(key, text)}`, {
    ...cookieAttributes,
    maxAge: keptMilliseconds,
  });
}

/**
 * Returns the act immediately before this page, and forgets it, so that the page says only once what was done.
 * @returns undefined when there was no act, or when its notice is for another page
 */
export function takeNotice({ configuration }: Deps, ctx: Context): Required<ActNotice> | undefined {
  const { notice } = cookieNames(configuration);
  const [encoded = '', given = ''] = (ctx.cookies.get(notice) ?? '').split('.');
  const text = Buffer.from(encoded, 'base64url').toString();
  if (!configuration.cookieKeys.some((key) => isEqual(sign(key, text), given))) return undefined;
  // only `keepNotice` signs
  const [path, done, values] = JSON.parse(text) as [string, string, Required<ActNotice>['values']];
  if (path !== ctx.path) return undefined;
  ctx.cookies.set(notice, null, cookieAttributes);
  return { path, done, values };
}

/** Takes the notice of a page whose notices are fixed texts. */
export function takeFixedNotice(deps: Deps, ctx: Context, notices: Notices): FixedId | undefined {
  const { done = '' } = takeNotice(deps, ctx) ?? {};
  return Object.hasOwn(notices, done) ? notices[done] : undefined;
}

function sign(key: string, text: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['notice', text]))
    .digest('base64url');
}
