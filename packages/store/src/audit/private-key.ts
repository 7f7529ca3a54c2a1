import { createPrivateKey, type KeyObject } from 'node:crypto';

/** The beginning of a private Ed25519 key in the form PKCS #8 (RFC 8410 section 7). The seed follows. */
const keyPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** @param seed SECRET: 32 bytes (RFC 8032 section 5.1.5) */
export function makePrivateKey(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([keyPrefix, seed]), format: 'der', type: 'pkcs8' });
}
