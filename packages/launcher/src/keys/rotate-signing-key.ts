import { parseIdTokenKeys, parseSigningKeys } from '@aipassport/authorization-server/operating';
import {
  decideSigningStep,
  publishedSeconds,
  retiringSeconds,
  type SigningStep,
  type StoredSigningKey,
} from './decide-signing-step.js';
import { formatKeyJson, readKeyFile } from './key-json.js';
import { makeIdTokenKey, makeSigningKey, type NamedKey } from './make-keys.js';
import { replaceSecretFile } from './replace-secret-file.js';

/** The two sets of signing keys. Both are rotated in the same way. */
export const signingKeyKinds = {
  access: { parse: parseSigningKeys, make: makeSigningKey },
  id: { parse: parseIdTokenKeys, make: makeIdTokenKey },
} as const;

/** The kind of the signing keys in one file. */
export interface SigningKeyKind {
  /** @throws when the file contains anything else */
  readonly parse: (json: unknown) => unknown;
  readonly make: () => Promise<NamedKey>;
}

export interface TakenStep {
  readonly step: SigningStep['step'];
  readonly report: string;
}

/**
 * Does the next step of a rotation of the signing key if it is due: publish a new key, sign with it, retire the old
 * one. This may be called at any time and any number of times.
 *
 * @param file a key file of the authorization server. The server reads the file again when the file changes
 * @returns what was done, and what comes next, in words
 */
export async function rotateSigningKey(file: string, kind: SigningKeyKind, now: Date): Promise<TakenStep> {
  const keys = readSigningKeys(file, kind);
  const decided = decideSigningStep(keys, now);
  const write = (written: readonly StoredSigningKey[]) => replaceSecretFile(file, formatKeyJson({ keys: written }));
  const at = now.toISOString();
  const { step } = decided;
  switch (decided.step) {
    case 'publish': {
      const made = await kind.make();
      write([...keys, { ...made, published_at: at }]);
      return {
        step,
        report: `Published the signing key ${made.kid}. Run this again after ${later(now, publishedSeconds)}: then it signs.`,
      };
    }
    case 'sign':
    case 'note':
      write([{ ...decided.key, signing_since: at }, ...decided.others]);
      return {
        step,
        report: `${decided.key.kid} signs. Run this again after ${later(now, retiringSeconds)}: then the old key is retired.`,
      };
    case 'retire':
      write([decided.key]);
      return { step, report: `Retired ${decided.others.map(({ kid }) => kid).join(', ')}. The rotation is complete.` };
    case 'wait':
      return {
        step,
        report: `Nothing to do before ${decided.until.toISOString()}: then ${decided.next === 'sign' ? 'the new key signs' : 'the old key is retired'}.`,
      };
  }
}

/**
 * SECRET: reads the signing keys in a file, with the same checks as the authorization server. The instants in the file
 * are not checked, because only the rotation writes them.
 */
export function readSigningKeys(file: string, { parse }: SigningKeyKind): readonly StoredSigningKey[] {
  return readKeyFile(file, (json) => {
    parse(json);
    return (json as { readonly keys: readonly StoredSigningKey[] }).keys; // `parse` has checked the keys
  });
}

function later(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1_000).toISOString();
}
