import { parseCookieKeys } from '@aipassport/authorization-server/operating';
import { makeSecret } from '@aipassport/store';
import { readKeyFile } from './key-json.js';
import { replaceSecretFile } from './replace-secret-file.js';

/** The steps of a rotation of the cookie keys. Each is done when every authorization server has the file of the last. */
export const cookieKeySteps = ['add', 'use', 'drop-old'] as const;
export type CookieKeyStep = (typeof cookieKeySteps)[number];

/**
 * Does one step of a rotation of the cookie keys. The first key in the file signs, and all of them verify. So a new key
 * is first added at the end, and signs when every server knows it.
 *
 * @param file a key file of the authorization server. The server reads the file again when the file changes
 * @returns what was done; undefined when there was nothing to do
 */
export function rotateCookieKeys(file: string, step: CookieKeyStep): string | undefined {
  const keys = readKeyFile(file, parseCookieKeys);
  const write = (written: readonly (string | undefined)[]) => replaceSecretFile(file, JSON.stringify(written));
  switch (step) {
    case 'add':
      write([...keys, makeSecret()]);
      return 'A new cookie key was added. It verifies signatures, and does not sign yet.';
    case 'use':
      if (keys.length === 1) return undefined;
      write([keys.at(-1), ...keys.slice(0, -1)]);
      return 'The new cookie key signs. The older ones only verify.';
    case 'drop-old':
      if (keys.length === 1) return undefined;
      write([keys[0]]);
      return `Dropped the cookie keys that only verified: ${keys.length - 1}.`;
  }
}
