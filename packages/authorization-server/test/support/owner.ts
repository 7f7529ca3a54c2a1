import { randomUUID } from 'node:crypto';
import { Browser, type Page } from './browser.js';
import type { TestServer } from './start-server.js';

export const password = 'correct horse battery staple 42';

/** The fields of a consent form that give an app access without a spending limit. */
export const noSpendingLimit = { max_cost_usd: '', accept_no_limit: 'yes' };

export interface Owner {
  readonly email: string;
  readonly browser: Browser;
  readonly accountId: string;
}

/** Makes an account, whose owner is signed in. */
export async function createOwner(server: TestServer): Promise<Owner> {
  const email = `${randomUUID()}@example.com`;
  const browser = new Browser(server.issuer);
  const page = await browser.open('/account/create');
  const home = await browser.submit(page, '/account/create', { email, password });
  if (home.url.pathname !== '/account') throw new Error(`no account was made: ${home.text}`);
  const { id } = await server.db
    .selectFrom('accounts')
    .select('id')
    .where('email', '=', email)
    .executeTakeFirstOrThrow();
  return { email, browser, accountId: id };
}

export async function signIn(browser: Browser, email: string, givenPassword = password): Promise<Page> {
  const page = await browser.open('/account/sign-in?again=true');
  return browser.submit(page, '/account/sign-in', { email, password: givenPassword });
}

/** The newest grant of an owner. */
export async function getLastGrant({ db }: TestServer, { accountId }: Owner) {
  return db
    .selectFrom('grants')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
}

/** Changes the stored time of the sign-in, as if the owner had signed in this many seconds ago. */
export async function ageSignIn(
  { db }: TestServer,
  { accountId }: Pick<Owner, 'accountId'>,
  seconds: number,
): Promise<void> {
  await db
    .updateTable('owner_sessions')
    .set({ authenticated_at: new Date(Date.now() - seconds * 1_000) })
    .where('account_id', '=', accountId)
    .execute();
}
