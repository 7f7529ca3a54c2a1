import { createDecipheriv } from 'node:crypto';
import { type CompactJWEHeaderParameters, decodeProtectedHeader } from 'jose';
import type { SealingKey, TransitJwk } from './sealing-key.js';
import type { TransitEngine } from './transit-engine.js';
import { readUnsealedKey } from './unsealed-key.js';

const ivBytes = 12;
const tagBytes = 16;

/**
 * Makes a sealing key whose private half stays in a transit engine. The engine decrypts only the content encryption key
 * of a JWE. This process decrypts the content, and A256GCM authenticates the content and the protected header. So the
 * engine never gets a provider key, and a wrong answer of the engine opens nothing.
 */
export function createTransitKey(jwk: TransitJwk, engine: Pick<TransitEngine, 'decrypt'>): SealingKey {
  const modulusBytes = Buffer.from(jwk.n, 'base64url').length;
  return {
    id: jwk.kid,
    unseal: async (jwe) => {
      const { header, encryptedKey, decrypt } = readJwe(jwe);
      // The engine would refuse the ciphertext. No request is sent for it.
      if (encryptedKey.length !== modulusBytes)
        throw new Error('the encrypted key has another length than the modulus');
      const contentKey = await engine.decrypt(jwk.transit, encryptedKey);
      try {
        return readUnsealedKey(decrypt(contentKey), header);
      } finally {
        contentKey.fill(0);
      }
    },
  };
}

interface ReadJwe {
  readonly header: CompactJWEHeaderParameters;
  readonly encryptedKey: Buffer;
  /** @throws when the content encryption key is wrong, or when the content or the header was altered */
  readonly decrypt: (contentKey: Buffer) => Buffer;
}

/**
 * Reads a JWE of the compact serialization (RFC 7516 section 7.1) with RSA-OAEP-256 and A256GCM, and accepts no other
 * algorithm and no compression: an attacker who can change a stored JWE controls its header. jose cannot decrypt a JWE
 * with RSA-OAEP-256 without the private key.
 */
function readJwe(jwe: string): ReadJwe {
  const parts = jwe.split('.');
  const [encodedHeader = '', ...encoded] = parts;
  const [encryptedKey, iv, content, tag] = encoded.map((part) => Buffer.from(part, 'base64url'));
  // jose checks only that the header is an object.
  const header = decodeProtectedHeader(jwe) as CompactJWEHeaderParameters;
  const { alg, enc, zip, crit } = header;
  if (parts.length !== 5 || alg !== 'RSA-OAEP-256' || enc !== 'A256GCM' || zip !== undefined || crit !== undefined)
    throw new Error('the JWE has an algorithm that provider keys are not sealed with');
  if (encryptedKey === undefined || iv?.length !== ivBytes || content === undefined || tag?.length !== tagBytes)
    throw new Error('the JWE is malformed');
  return {
    header,
    encryptedKey,
    decrypt: (contentKey) => {
      const decipher = createDecipheriv('aes-256-gcm', contentKey, iv, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(encodedHeader, 'ascii')).setAuthTag(tag);
      return Buffer.concat([decipher.update(content), decipher.final()]);
    },
  };
}
