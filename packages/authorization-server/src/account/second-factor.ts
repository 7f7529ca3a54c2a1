import {
  type Account,
  consumeRecoveryCode,
  consumeSignInChallenge,
  findAccount,
  findAuthenticatorApp,
  findSignInChallenge,
  lockPasswordHash,
  useAppCode,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { sealSecret, unsealSecret } from '../keys/seal-secret.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import { allowScript } from '../pages/page-script.js';
import type { Problem } from '../pages/parts.js';
import { renderSecondFactorPage } from '../pages/second-factor-page.js';
import { fieldText, readForm, readSecretField } from '../read-form.js';
import { message } from '../texts/texts.js';
import { findCodeStep } from './app-codes.js';
import { findKnownDevice, rememberDevice } from './device-cookie.js';
import { requireFew } from './guessing-limits.js';
import { recordRefusedSignIn } from './record-refused-sign-in.js';
import { recordSignIn } from './record-sign-in.js';
import { parseRecoveryCode } from './recovery-code-format.js';
import { readReturnTo, signInPath } from './return-to.js';
import { findSecret, forgetSecret } from './secret-cookies.js';
import { introduceClient, queryText, readTimeZone, seeOther } from './sign-in.js';

const purpose = 'second-factor';
const kind = 'second_factor';
/**
 * The limit for one known browser, or for all unknown browsers together. At any time, three of the million possible
 * codes are accepted. A right password does not clear the count, because an attacker may know the password.
 */
const guesses = { limit: 10, windowSeconds: 3_600 };
/** The limit for all browsers together. Only those who know the password can use this up. */
const guessesOfAllBrowsers = { limit: 50, windowSeconds: 24 * 3_600 };
const refused: Problem = { field: 'code', message: message('authenticator.refused') };

/** `GET /account/sign-in/code`, after the right password of an account with an authenticator app. */
export async function showSecondFactor(deps: Dependencies, ctx: Context): Promise<void> {
  const returnTo = readReturnTo(queryText(ctx, 'return_to'));
  if ((await findPending(deps, ctx)) === undefined) return seeOther(ctx, signInPath(returnTo));
  await renderSecondFactor(deps, ctx, { returnTo, problems: [] });
}

/** `POST /account/sign-in/code`: a code of the app, or a recovery code. */
export async function submitSecondFactor(deps: Dependencies, ctx: Context): Promise<void> {
  const form = readForm(ctx);
  requireFormToken(deps, ctx, form, purpose);
  const returnTo = readReturnTo(fieldText(form, 'return_to'));
  const pending = await findPending(deps, ctx);
  if (pending === undefined) return seeOther(ctx, signInPath(returnTo));
  const { account } = pending;
  await countGuess(deps, ctx, { accountId: account.id, email: account.email });
  const answer = { ...pending, code: readSecretField(ctx, 'code').toString(), timeZone: readTimeZone(form) };
  if (await signIn(deps, ctx, answer)) {
    forgetSecret(deps, ctx, 'secondFactor');
    rememberDevice(deps, ctx, account.email);
    return seeOther(ctx, returnTo);
  }
  await recordRefusedSignIn(deps, { by: 'code', accountId: account.id });
  markRefused(ctx, 'form_invalid');
  await renderSecondFactor(deps, ctx, { returnTo, problems: [refused] });
}

/**
 * Uses a code of the account's authenticator app, which the form of a signed-in owner has in the field `code`. Guesses
 * are counted apart from those at a sign-in, so that a stolen session cannot keep the owner from signing in.
 * @returns false when the code is wrong or was used before
 * @throws Denied 429 when there were too many guesses
 */
export async function takeAppCode(deps: Dependencies, ctx: Context, accountId: string): Promise<boolean> {
  await requireFew(deps.db, { key: `second-factor:signed-in:${accountId}`, ...guesses }, { accountId });
  return consumeAppCode(deps, accountId, readSecretField(ctx, 'code').toString());
}

interface Guessed {
  readonly accountId: string;
  readonly email: string;
}

/** @throws Denied 429 when there were too many guesses */
async function countGuess(deps: Dependencies, ctx: Context, { accountId, email }: Guessed): Promise<void> {
  const device = findKnownDevice(deps, ctx, email);
  const key = device === undefined ? `second-factor:account:${accountId}` : `second-factor:device:${device}`;
  await requireFew(deps.db, { key, ...guesses }, { accountId });
  await requireFew(deps.db, { key: `second-factor:all:${accountId}`, ...guessesOfAllBrowsers }, { accountId });
}

interface Pending {
  readonly account: Account;
  /** SECRET: the cookie's value. */
  readonly value: string;
}

interface Answer extends Pending {
  readonly code: string;
  /** The time zone of the browser: see `recordSignIn`. */
  readonly timeZone: string | undefined;
}

/** The sign-in of this browser that waits for its code. */
async function findPending(deps: Dependencies, ctx: Context): Promise<Pending | undefined> {
  const value = findSecret(deps, ctx, 'secondFactor');
  const challenge = value === undefined ? undefined : await findSignInChallenge(deps.db, { kind, value });
  const account = challenge?.accountId === undefined ? undefined : await findAccount(deps.db, challenge.accountId);
  if (value === undefined || account === undefined || account.disabledAt !== undefined) return undefined;
  return { account, value };
}

/**
 * Consumes the code and the waiting sign-in, and starts a session, in one transaction. The account is locked first, as
 * in a change of its password and in a replacement of its codes. In another order, two of these could deadlock.
 */
async function signIn(deps: Dependencies, ctx: Context, { account, value, code, timeZone }: Answer): Promise<boolean> {
  const { id: accountId, passwordHash } = account;
  try {
    await deps.db.transaction().execute(async (transaction) => {
      if (!(await lockPasswordHash(transaction, accountId, passwordHash))) throw new Refused();
      const by = await consumeCode({ ...deps, db: transaction }, accountId, code);
      if (by === undefined) throw new Refused();
      if ((await consumeSignInChallenge(transaction, { kind, value })) === undefined) throw new Refused();
      await recordSignIn({ ...deps, db: transaction }, ctx, { accountId, email: account.email, by, timeZone });
    });
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

/** Thrown to roll back, so that a refused sign-in consumes no recovery code. */
class Refused extends Error {
  override readonly name = 'Refused';
}

async function consumeCode(
  deps: Dependencies,
  accountId: string,
  text: string,
): Promise<'recovery_code' | 'authenticator_app' | undefined> {
  const code = parseRecoveryCode(text);
  if (code !== undefined)
    return (await consumeRecoveryCode(deps.db, { accountId, code })) ? 'recovery_code' : undefined;
  return (await consumeAppCode(deps, accountId, text)) ? 'authenticator_app' : undefined;
}

async function consumeAppCode(
  { db, configuration: { cookieKeys }, now }: Dependencies,
  accountId: string,
  text: string,
): Promise<boolean> {
  const app = await findAuthenticatorApp(db, accountId);
  if (app?.confirmedAt === undefined) return false;
  const { sealedSecret } = app;
  const place = { purpose: 'authenticator_app', accountId } as const;
  const secret = await unsealSecret(cookieKeys, place, sealedSecret);
  const step = findCodeStep(secret, text, now());
  if (step === undefined) return false;
  const resealedSecret = await sealSecret(cookieKeys, place, secret);
  return useAppCode(db, { accountId, sealedSecret, step, resealedSecret });
}

interface SecondFactorView {
  readonly returnTo: string;
  readonly problems: readonly Problem[];
}

async function renderSecondFactor(deps: Dependencies, ctx: Context, view: SecondFactorView): Promise<void> {
  await introduceClient(deps, ctx, view.returnTo);
  ctx.type = 'html';
  ctx.body = renderSecondFactorPage({
    ...view,
    timeZoneScript: allowScript(ctx, deps.scripts['time-zone']),
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    csrfToken: issueFormToken(deps, ctx, purpose),
  });
}
