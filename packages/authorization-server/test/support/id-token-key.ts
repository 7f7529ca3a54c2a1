import { exportJWK, generateKeyPair } from 'jose';
import { parseIdTokenKeys } from '../../src/keys/parse-signing-keys.js';

/** Keys for ID tokens in RS256, which a test server has only if it is given them: they take a while to make. */
export async function makeIdTokenKeys(kid = 'id-1') {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return parseIdTokenKeys({ keys: [{ ...(await exportJWK(privateKey)), kid }] });
}
