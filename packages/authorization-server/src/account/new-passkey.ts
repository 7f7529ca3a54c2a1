import { consumeSignInChallenge, type ListedPasskey, type NewPasskey } from '@aipassport/store/authorization';
import {
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Dependencies } from '../dependencies.js';
import { checkCredential, getRelyingParty, parseCredential, type RelyingParty } from './passkey-ceremonies.js';

interface PasskeyOwner {
  readonly accountId: string;
  readonly email: string;
  /** The account's passkeys. An authenticator that has one of them does not make a second one for this account. */
  readonly known: readonly Pick<ListedPasskey, 'credentialId'>[];
}

/** The options with which a page's script makes a new passkey. Their challenge must be kept: see `keepChallenge`. */
export async function makeRegistrationOptions(
  relyingParty: RelyingParty,
  { accountId, email, known }: PasskeyOwner,
  challenge?: string,
) {
  return generateRegistrationOptions({
    rpName: 'AIPassport',
    rpID: relyingParty.id,
    userName: email,
    userID: new Uint8Array(Buffer.from(accountId)),
    ...(challenge === undefined ? {} : { challenge: new Uint8Array(Buffer.from(challenge, 'base64url')) }),
    attestationType: 'none',
    excludeCredentials: known.map(({ credentialId: id }) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** A new passkey, and the challenge that it has answered. */
export type VerifiedPasskey = Omit<NewPasskey, 'name' | 'accountId'> & { readonly challenge: string };

/**
 * Checks a new passkey, and consumes its challenge, so that no other passkey can answer it.
 * @param accountId the account that the challenge is for; undefined: an account that does not exist yet
 * @returns undefined when the passkey does not answer such a challenge, or fails another check
 */
export async function verifyNewPasskey(
  { db, configuration }: Dependencies,
  credential: string,
  accountId: string | undefined,
): Promise<VerifiedPasskey | undefined> {
  const { id, origin } = getRelyingParty(configuration);
  // the library checks the shape
  const response = parseCredential(credential) as RegistrationResponseJSON | undefined;
  if (response === undefined) return undefined;
  const kind = accountId === undefined ? 'account_creation' : 'passkey_registration';
  let challenge = '';
  const consume = async (value: string) => {
    challenge = value;
    const consumed = await consumeSignInChallenge(db, { kind, value });
    return consumed !== undefined && consumed.accountId === accountId;
  };
  const checked = await checkCredential(consume, (expectedChallenge) =>
    verifyRegistrationResponse({
      response,
      expectedChallenge,
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: true,
    }),
  );
  if (checked?.verified !== true) return undefined;
  const { id: credentialId, publicKey, counter: signCount, transports = [] } = checked.registrationInfo.credential;
  return { credentialId, publicKey: Buffer.from(publicKey).toString('base64url'), signCount, transports, challenge };
}
