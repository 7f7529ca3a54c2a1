import { parseCookieKeys } from '@aipassport/authorization-server/operating';
import { makeSecret } from '@aipassport/store';
import { readKeyFile } from './key-json.js';
import { replaceSecretFile } from './replace-secret-file.js';

/** The steps of a rotation of the cookie keys. Each is done when every authorization server has the file of the last. */
export const cookieKeySteps = ['add', 'use', 'drop-old'] as const;
export type CookieKeyStep = (typeof cookieKeySteps)[number];

interface CookieKeyChange {
  /** Whether the file was changed. A step that was done already changes nothing. */
  readonly isDone: boolean;
  /** For people. */
  readonly report: string;
}

/**
 * Does one step of a rotation of the cookie keys. The first key in the file signs, and all of them verify. So a new key
 * is first added at the end, and signs when every server knows it. Each step can be repeated: an added key is known by
 * its number, which is higher than that of the key that signs.
 *
 * @param file a key file of the authorization server. The server reads the file again when the file changes
 */
export function rotateCookieKeys(file: string, step: CookieKeyStep): CookieKeyChange {
  const keys = readKeyFile(file, parseCookieKeys);
  const added = keys.find((key) => readNumber(key) > readNumber(keys[0]));
  const write = (written: readonly string[], report: string) => {
    replaceSecretFile(file, JSON.stringify(written));
    return { isDone: true, report };
  };
  switch (step) {
    case 'add':
      if (added !== undefined) return nothing('a cookie key was added before, and does not sign yet.');
      return write(
        [...keys, `${Math.max(...keys.map(readNumber)) + 1}.${makeSecret()}`],
        'A new cookie key was added. It verifies signatures, and does not sign yet.',
      );
    case 'use':
      if (added === undefined) return nothing('no cookie key was added since the last one began to sign.');
      return write(
        [added, ...keys.filter((key) => key !== added)],
        'The new cookie key signs. The older ones only verify.',
      );
    case 'drop-old':
      if (keys.length === 1) return nothing('there is only one cookie key.');
      return write([keys[0]], `Dropped the cookie keys that only verified: ${keys.length - 1}.`);
  }
}

/** The number before the dot in a key that a rotation has added. The first key has none. */
function readNumber(key: string): number {
  return Number(/^(\d{1,9})\./.exec(key)?.[1] ?? 0);
}

function nothing(reason: string): CookieKeyChange {
  return { isDone: false, report: `Nothing to do: ${reason}` };
}
