import type { Account, OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import type { Problem } from '../pages/parts.js';
import { readSecretField } from '../read-form.js';
import { type FixedId, type Message, message } from '../texts/texts.js';
import { authenticate } from './authenticate.js';
import { authenticateWithPasskey } from './authenticate-with-passkey.js';
import { isRecentlyAuthenticated } from './require-owner.js';

const field = 'password';

interface Question {
  readonly owner: OwnerSession;
  /** Says in one sentence what the confirmation is needed for. */
  readonly question: FixedId | Message;
  /** Called after the password was found to be right: see `authenticate`. */
  readonly takeCode?: (() => Promise<boolean>) | undefined;
}

/**
 * Whether `confirmSignIn` has started a new session in this request. The page that the browser still shows
 * has form tokens of the previous session, which are accepted for only a minute more (`replaced-session.ts`). So the
 * answer must not leave the browser on that page, as a file would.
 */
export function hasConfirmedNow(ctx: Context): boolean {
  return ctx.state.startedSessionId !== undefined;
}

/**
 * Requires a sign-in within the last minutes (step-up), for any form. After an older sign-in, the caller must show the
 * form again, with what the owner typed and with the component `Confirmation`, which asks for the password or a
 * passkey. If the form contains the right password or passkey, a new session starts, and the act is allowed.
 * @returns the problem to show beside the password's field; undefined when the act is allowed
 * @throws Denied 429 when there were too many guesses
 */
export async function confirmSignIn(
  deps: Dependencies,
  ctx: Context,
  { owner, question, takeCode }: Question,
): Promise<Problem | undefined> {
  if (isRecentlyAuthenticated(deps, owner)) return undefined;
  return (await proveOwner(deps, ctx, { owner, question, takeCode })).problem;
}

interface Proof {
  readonly problem?: Problem;
  /** The account whose password was right. */
  readonly account?: Account;
}

/** Like `confirmSignIn`, but asks even if the last sign-in is recent. */
export async function proveOwner(
  deps: Dependencies,
  ctx: Context,
  { owner, question, takeCode }: Question,
): Promise<Proof> {
  const credential = readSecretField(ctx, 'passkey').toString();
  if (credential !== '') {
    const passkey = await authenticateWithPasskey(deps, ctx, { credential, accountId: owner.accountId });
    return passkey === undefined ? { problem: { field, message: message('passkeys.failed') } } : {};
  }
  const password = readSecretField(ctx, field);
  if (password.length === 0)
    return {
      problem: { field, message: typeof question === 'string' ? message(question) : question, isQuestion: true },
    };
  const account = await authenticate(deps, ctx, { email: owner.email, isWellFormed: true, password, takeCode });
  return account?.id === owner.accountId ? { account } : { problem: { field, message: message('password.wrong') } };
}
