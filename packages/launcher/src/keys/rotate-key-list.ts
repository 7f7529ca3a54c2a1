import { parseCookieKeys } from '@aipassport/authorization-server/operating';
import { makeSecret } from '@aipassport/store';
import { readKeyFile } from './key-json.js';
import { replaceSecretFile } from './replace-secret-file.js';

/**
 * The steps of a rotation of the cookie keys. A step may begin only when every authorization server has the file that
 * the step before it wrote.
 */
export const cookieKeySteps = ['add', 'use', 'drop-old'] as const;
export type CookieKeyStep = (typeof cookieKeySteps)[number];

/** Old audit keys are never dropped: the events and the heads that they sealed could not be verified any more. */
export const auditKeySteps = ['add', 'use'] as const satisfies readonly CookieKeyStep[];

/** The two files with a list of keys: what each key is called, and what it does. */
export const keyLists = {
  cookie_keys: { name: 'cookie key', does: 'signs', not: 'sign', done: 'It verifies signatures' },
  audit_keys: { name: 'audit key', does: 'seals events', not: 'seal', done: 'It verifies seals' },
} as const;
export type KeyList = keyof typeof keyLists;

interface KeyListChange {
  /** Whether the file was changed. A step that was done already changes nothing. */
  readonly isDone: boolean;
  /** For people. */
  readonly report: string;
}

/**
 * Does one step of a rotation of the cookie keys or of the audit keys. The first key in the file signs or seals, and
 * all of them verify. So a new key is first added at the end, and signs or seals only when every server knows it. Each
 * step can be repeated: an added key is recognized by its number, which is higher than that of the first key.
 *
 * @param file a key file of the authorization server. The server reads the file again when the file changes
 */
export function rotateKeyList(file: string, list: KeyList, step: CookieKeyStep): KeyListChange {
  const { name, does, not, done } = keyLists[list];
  const keys = readKeyFile(file, parseCookieKeys);
  const added = keys.find((key) => readNumber(key) > readNumber(keys[0]));
  const write = (written: readonly string[], report: string) => {
    replaceSecretFile(file, JSON.stringify(written));
    return { isDone: true, report };
  };
  switch (step) {
    case 'add':
      if (added !== undefined) return nothing(`${article(name)} was added before, and does not ${not} yet.`);
      return write(
        [...keys, `${Math.max(...keys.map(readNumber)) + 1}.${makeSecret()}`],
        `A new ${name} was added. ${done}, and does not ${not} yet.`,
      );
    case 'use':
      if (added === undefined) return nothing(`no ${name} was added since the last one began to ${not}.`);
      return write(
        [added, ...keys.filter((key) => key !== added)],
        `The new ${name} ${does}. The older ones only verify.`,
      );
    case 'drop-old':
      if (keys.length === 1) return nothing(`there is only one ${name}.`);
      return write([keys[0]], `Dropped the ${name}s that only verified: ${keys.length - 1}.`);
  }
}

/** The number before the dot in a key that a rotation has added. The first key has none. */
function readNumber(key: string): number {
  return Number(/^(\d{1,9})\./.exec(key)?.[1] ?? 0);
}

function article(name: string): string {
  return `${name.startsWith('a') ? 'an' : 'a'} ${name}`;
}

function nothing(reason: string): KeyListChange {
  return { isDone: false, report: `Nothing to do: ${reason}` };
}
