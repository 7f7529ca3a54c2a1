import { createHash, randomUUID } from 'node:crypto';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';
import { resource } from '../support/test-proxy.js';

/** The token and the request that a proof is made for, and changes to the usual proof. */
export interface ProofOptions {
  readonly token: string;
  readonly path: string;
  readonly method?: string;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Claims that are added or replaced. A claim with the value `undefined` is left out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signs the proof in place of the client's own private key. */
  readonly privateKey?: CryptoKey | Uint8Array;
}

export const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');

/** A client's key pair. It makes DPoP proofs. */
export class ClientKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
  readonly thumbprint: string;
  readonly #algorithm: string;

  private constructor(parts: {
    privateKey: CryptoKey;
    publicJwk: JWK;
    privateJwk: JWK;
    thumbprint: string;
    algorithm: string;
  }) {
    this.privateKey = parts.privateKey;
    this.publicJwk = parts.publicJwk;
    this.privateJwk = parts.privateJwk;
    this.thumbprint = parts.thumbprint;
    this.#algorithm = parts.algorithm;
  }

  static async create(algorithm = 'ES256', modulusLength?: number): Promise<ClientKey> {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, {
      extractable: true,
      ...(modulusLength !== undefined && { modulusLength }),
    });
    const publicJwk = await exportJWK(publicKey);
    return new ClientKey({
      privateKey,
      publicJwk,
      privateJwk: await exportJWK(privateKey),
      thumbprint: await calculateJwkThumbprint(publicJwk),
      algorithm,
    });
  }

  /** The claim by which a token is bound to this key. */
  get confirmation() {
    return { cnf: { jkt: this.thumbprint } };
  }

  async prove({ token, path, method = 'POST', header, claims, privateKey }: ProofOptions): Promise<string> {
    const whole = { alg: this.#algorithm, typ: 'dpop+jwt', jwk: this.publicJwk, ...header };
    return new SignJWT({
      htm: method,
      htu: `${resource}${path}`,
      iat: Math.floor(Date.now() / 1_000),
      jti: randomUUID(),
      ath: hashOf(token),
      ...claims,
    })
      .setProtectedHeader(whole as JWTHeaderParameters) // tests pass wrong headers too
      .sign(privateKey ?? this.privateKey);
  }
}
