import { exportJWK, generateKeyPair } from 'jose';
import { parseIdTokenKeys } from '../../src/keys/parse-signing-keys.js';

/** Keys for ID tokens in RS256. A test server has them only when a test passes them, because they are slow to make. */
export async function makeIdTokenKeys(kid = 'id-1') {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return parseIdTokenKeys({ keys: [{ ...(await exportJWK(privateKey)), kid }] });
}
