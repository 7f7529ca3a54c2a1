import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

const userPresent = 0x01;
const userVerified = 0x04;
const hasCredential = 0x40;

/** The values that a test changes in an answer. */
export interface Deviation {
  readonly origin?: string;
  readonly relyingPartyId?: string;
  readonly isVerified?: boolean;
  readonly signCount?: number;
  readonly credentialId?: string;
  readonly type?: string;
}

/** An authenticator with one passkey (WebAuthn section 6). Its answers are those that a browser sends to the server. */
export class Authenticator {
  readonly credentialId = randomBytes(32).toString('base64url');
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #origin: string;
  signCount = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** The answer to the options of `navigator.credentials.create`. */
  create(challenge: string, deviation: Deviation = {}): string {
    const authData = Buffer.concat([
      this.#head(deviation, hasCredential),
      Buffer.alloc(16),
      Buffer.from([0, 32]),
      Buffer.from(this.credentialId, 'base64url'),
      this.#publicKey(),
    ]);
    const attestationObject = isoCBOR.encode(
      new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(authData)],
      ]) as never, // the declared type of the values is narrower than what the encoder accepts
    );
    const clientDataJSON = this.#clientData('webauthn.create', challenge, deviation).toString('base64url');
    const response = { clientDataJSON, attestationObject: Buffer.from(attestationObject).toString('base64url') };
    return this.#describe(response, deviation);
  }

  /** The answer to the options of `navigator.credentials.get`. */
  get(challenge: string, deviation: Deviation = {}): string {
    const authenticatorData = this.#head(deviation, 0);
    const clientData = this.#clientData('webauthn.get', challenge, deviation);
    const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientData).digest()]);
    const response = {
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authenticatorData.toString('base64url'),
      signature: sign('sha256', signed, this.#keys.privateKey).toString('base64url'),
    };
    return this.#describe(response, deviation);
  }

  #describe(response: object, { credentialId: id = this.credentialId }: Deviation): string {
    return JSON.stringify({ id, rawId: id, type: 'public-key', response, clientExtensionResults: {} });
  }

  #clientData(type: string, challenge: string, deviation: Deviation): Buffer {
    const { origin = this.#origin } = deviation;
    return Buffer.from(JSON.stringify({ type: deviation.type ?? type, challenge, origin, crossOrigin: false }));
  }

  #head(deviation: Deviation, flags: number): Buffer {
    const { relyingPartyId = new URL(this.#origin).hostname, isVerified = true } = deviation;
    const { signCount = ++this.signCount } = deviation;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(signCount);
    const flag = Buffer.from([flags | userPresent | (isVerified ? userVerified : 0)]);
    return Buffer.concat([createHash('sha256').update(relyingPartyId).digest(), flag, counter]);
  }

  /** COSE: EC2, ES256, P-256. */
  #publicKey(): Uint8Array {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' });
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
    return isoCBOR.encode(
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, bytes(x)],
        [-3, bytes(y)],
      ]) as never, // as above
    );
  }
}
