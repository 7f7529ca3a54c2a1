import { type Database, makeSecret } from '@aipassport/store';
import { insertSignInChallenge } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { keepSecret } from './secret-cookies.js';

const lifetimeSeconds = 10 * 60;

/**
 * Remembers for ten minutes that the password was right in this browser, so that the next page can ask for the code of
 * the authenticator app.
 */
export async function askForCode(
  deps: { readonly db: Database } & Pick<Dependencies, 'configuration'>,
  ctx: Context,
  accountId: string,
): Promise<void> {
  const value = makeSecret();
  await insertSignInChallenge(deps.db, { kind: 'second_factor', value, accountId, lifetimeSeconds });
  keepSecret(deps, ctx, 'secondFactor', value);
}
