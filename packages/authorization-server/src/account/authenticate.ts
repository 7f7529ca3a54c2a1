import {
  type Account,
  findAccountByEmail,
  findAuthenticatorApp,
  lockPasswordHash,
  updatePasswordHash,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { askForCode } from './ask-for-code.js';
import { findKnownDevice, rememberDevice } from './device-cookie.js';
import { forgetAttempts, hashQueueShareOf, requireAttempt, requireFewSignIns } from './guessing-limits.js';
import type { HashQueueShare } from './hash-queue-share.js';
import { isOutdatedHash } from './passwords.js';
import { recordRefusedSignIn } from './record-refused-sign-in.js';
import { recordSignIn } from './record-sign-in.js';

interface Credentials {
  readonly email: string;
  /**
   * Whether the e-mail address and the password are well-formed. A malformed pair is counted as a guess and takes as
   * long to refuse as a wrong password.
   */
  readonly isWellFormed: boolean;
  /** UTF-8. SECRET: overwritten as soon as it has been checked. */
  readonly password: Buffer;
  /** The time zone of the browser: see `recordSignIn`. */
  readonly timeZone?: string | undefined;
  /**
   * Uses up a code that was sent with the password. It is called when the password is right, so a mistyped password
   * costs no code. If it returns false, no session starts.
   */
  readonly takeCode?: (() => Promise<boolean>) | undefined;
}

/**
 * Checks a password, within the limits on guessing, and starts a new session of the account in this browser.
 * @returns undefined for malformed credentials, an unknown e-mail address, a wrong password, a wrong code, a disabled
 * account, and a password that was changed during the check
 * @throws Denied 429 when there were too many guesses or too many sign-ins
 */
export async function authenticate(
  deps: Dependencies,
  ctx: Context,
  credentials: Credentials,
): Promise<Account | undefined> {
  return (await checkPassword(deps, ctx, { ...credentials, asksForCode: false }))?.account;
}

/**
 * Signs in with a password, as `authenticate` does. If the account has a confirmed authenticator app, no session starts
 * yet.
 * @returns whether a code is needed; undefined when the sign-in is refused
 */
export async function beginSignIn(
  deps: Dependencies,
  ctx: Context,
  credentials: Credentials,
): Promise<{ readonly needsCode: boolean } | undefined> {
  return checkPassword(deps, ctx, { ...credentials, asksForCode: true });
}

interface Checked {
  readonly account: Account;
  readonly needsCode: boolean;
}

async function checkPassword(
  deps: Dependencies,
  ctx: Context,
  { email, isWellFormed, password, timeZone, takeCode, asksForCode }: Credentials & { readonly asksForCode: boolean },
): Promise<Checked | undefined> {
  const attempt = { email, ipAddress: ctx.ip, knownDevice: findKnownDevice(deps, ctx, email) };
  await requireAttempt(deps.db, attempt);
  const share = hashQueueShareOf(ctx, email);
  let account = isWellFormed ? await findAccountByEmail(deps.db, email) : undefined;
  try {
    const matches = await deps.passwords.verify(account?.passwordHash, password, share);
    if (!matches || account === undefined || account.disabledAt !== undefined) {
      await recordRefusedSignIn(deps, { by: 'password', accountId: account?.id });
      return undefined;
    }
    if (isOutdatedHash(account.passwordHash)) account = await rehash(deps, account, { password, share });
  } finally {
    password.fill(0);
  }
  if (takeCode !== undefined && !(await takeCode())) return undefined;
  const started = await startSession(deps, ctx, { account, timeZone, asksForCode });
  if (started === undefined) return undefined;
  await forgetAttempts(deps.db, attempt);
  if (!started.needsCode) rememberDevice(deps, ctx, email);
  return { account, ...started };
}

/** Stores the password's hash with the current parameters. */
async function rehash(
  deps: Dependencies,
  account: Account,
  { password, share }: { readonly password: Uint8Array; readonly share: HashQueueShare },
): Promise<Account> {
  const passwordHash = await deps.passwords.hash(password, share);
  const change = { accountId: account.id, previousHash: account.passwordHash, passwordHash };
  return (await updatePasswordHash(deps.db, change)) ? { ...account, passwordHash } : account;
}

interface Start {
  readonly account: Account;
  readonly timeZone: string | undefined;
  readonly asksForCode: boolean;
}

/**
 * @returns whether a code is needed: if so, no session starts before the owner has given the code. Undefined when the
 * password was changed during the check: then no session starts at all
 */
async function startSession(
  deps: Dependencies,
  ctx: Context,
  { account: { id, email, passwordHash }, timeZone, asksForCode }: Start,
): Promise<{ readonly needsCode: boolean } | undefined> {
  return deps.db.transaction().execute(async (transaction) => {
    const within = { ...deps, db: transaction };
    if (!(await lockPasswordHash(transaction, id, passwordHash))) {
      await recordRefusedSignIn(within, { by: 'password', accountId: id });
      return undefined;
    }
    if (asksForCode && (await findAuthenticatorApp(transaction, id))?.confirmedAt !== undefined) {
      await requireFewSignIns(transaction, { accountId: id });
      await askForCode(within, ctx, id);
      return { needsCode: true };
    }
    await recordSignIn(within, ctx, { accountId: id, email, by: 'password', timeZone });
    return { needsCode: false };
  });
}
