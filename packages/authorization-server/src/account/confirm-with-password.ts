import type { OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import type { Problem } from '../pages/parts.js';
import { readSecretField } from '../read-form.js';
import { type FixedId, message } from '../texts/texts.js';
import { authenticate } from './authenticate.js';
import { isRecentlyAuthenticated } from './require-owner.js';

const field = 'password';

/**
 * Requires a sign-in within the last minutes, for a form that must keep what the owner typed. After an older sign-in,
 * the form is shown again with its contents and a field for the password. A right password starts a new session. A form
 * token that this request issues afterwards is still bound to the old session, so the token would be refused.
 * @param question says in one sentence what the password is needed for
 * @returns the problem to show beside the password's field; undefined when the act is allowed
 * @throws Denied 429 when there were too many guesses
 */
export async function confirmWithPassword(
  deps: Dependencies,
  ctx: Context,
  { owner, question }: { readonly owner: OwnerSession; readonly question: FixedId },
): Promise<Problem | undefined> {
  if (isRecentlyAuthenticated(deps, owner)) return undefined;
  const password = readSecretField(ctx, field);
  if (password.length === 0) return { field, message: message(question) };
  const account = await authenticate(deps, ctx, { email: owner.email, isWellFormed: true, password });
  return account?.id === owner.accountId ? undefined : { field, message: message('password.wrong') };
}
