import { consumeSignInChallenge, findPasskey, type Passkey, recordPasskeyUse } from '@aipassport/store/authorization';
import { type AuthenticationResponseJSON, verifyAuthenticationResponse } from '@simplewebauthn/server';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { rememberDevice } from './device-cookie.js';
import { requireFewRefusals } from './guessing-limits.js';
import { checkCredential, findRelyingParty, parseCredential } from './passkey-ceremonies.js';
import { recordRefusedSignIn } from './record-refused-sign-in.js';
import { recordSignIn } from './record-sign-in.js';

interface PasskeyAnswer {
  /** JSON, as the page's script sends it. */
  readonly credential: string;
  /** The only account whose passkeys count; undefined: any account. */
  readonly accountId?: string;
  /** The time zone of the browser: see `recordSignIn`. */
  readonly timeZone?: string | undefined;
}

/**
 * Checks a passkey's answer to a challenge, and starts a new session of the passkey's account in this browser. Checking
 * the challenge uses it up, even if a later check fails. If the passkey is unknown or belongs to another account, the
 * challenge is not checked and stays valid.
 * @returns undefined when the answer is malformed or wrong or was used before, or when its passkey is unknown, of
 * another account or of a disabled account
 * @throws Denied 429 when too many sign-ins were refused
 */
export async function authenticateWithPasskey(
  deps: Dependencies,
  ctx: Context,
  { credential, accountId, timeZone }: PasskeyAnswer,
): Promise<Passkey | undefined> {
  // the library checks the shape
  const response = parseCredential(credential) as AuthenticationResponseJSON | undefined;
  const passkey = typeof response?.id === 'string' ? await findPasskey(deps.db, response.id) : undefined;
  const isOwn = accountId === undefined || passkey?.accountId === accountId;
  if (response === undefined || passkey === undefined || !isOwn) {
    deps.metrics.signInFailures.inc({ by: 'passkey' });
    return undefined;
  }
  const signCount = await verify(deps, response, passkey);
  const isSignedIn = signCount !== undefined && (await startSession(deps, ctx, { passkey, signCount, timeZone }));
  if (!isSignedIn) {
    await requireFewRefusals(deps.db, { accountId: passkey.accountId, ipAddress: ctx.ip });
    await recordRefusedSignIn(deps, { by: 'passkey', accountId: passkey.accountId });
    return undefined;
  }
  rememberDevice(deps, ctx, passkey.email);
  return passkey;
}

/**
 * Checks the challenge, the origin, the relying party, the signature, and that the owner proved to the authenticator
 * who they are (WebAuthn section 7.2).
 * @returns the authenticator's counter; undefined when a check fails
 */
async function verify(
  { db, configuration }: Dependencies,
  response: AuthenticationResponseJSON,
  { credentialId: id, publicKey, signCount: counter }: Passkey,
): Promise<number | undefined> {
  const relyingParty = findRelyingParty(configuration);
  if (relyingParty === undefined) return undefined;
  const consume = async (value: string) =>
    (await consumeSignInChallenge(db, { kind: 'passkey_sign_in', value })) !== undefined;
  const checked = await checkCredential(consume, (expectedChallenge) =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      credential: { id, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')), counter },
      requireUserVerification: true,
    }),
  );
  return checked?.verified === true ? checked.authenticationInfo.newCounter : undefined;
}

async function startSession(
  deps: Dependencies,
  ctx: Context,
  {
    passkey,
    signCount,
    timeZone,
  }: Pick<PasskeyAnswer, 'timeZone'> & { readonly passkey: Passkey; readonly signCount: number },
): Promise<boolean> {
  const { accountId, credentialId, email } = passkey;
  return deps.db.transaction().execute(async (transaction) => {
    if (!(await recordPasskeyUse(transaction, { accountId, credentialId, signCount }))) return false;
    await recordSignIn({ ...deps, db: transaction }, ctx, { accountId, email, by: 'passkey', timeZone });
    return true;
  });
}
