import { createHmac } from 'node:crypto';
import type { Configuration } from '../configuration.js';
import { isEqual } from '../text/is-equal.js';

type Keys = Pick<Configuration, 'cookieKeys'>;

/** The name of the form's field and of the parameter in `verification_uri_complete` (RFC 8628 section 3.3.1). */
export const userCodeField = 'user_code';

/** A user code has only consonants, so that it is never a word (RFC 8628 section 6.1). */
const pattern = /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/;

/**
 * Reads a user code that an owner types: in upper or lower case, with any separators.
 * @returns the eight letters; undefined when the text cannot be a user code
 */
export function parseUserCode(text: string): string | undefined {
  const letters = text.toUpperCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  return pattern.test(letters) ? letters : undefined;
}

/** The user code as the terminal shows it: `BCDF-GHJK`. */
export function formatUserCode(userCode: string): string {
  return `${userCode.slice(0, 4)}-${userCode.slice(4)}`;
}

/**
 * The hashes by which a user code may be stored, the current one first. A user code has 34 bits, so a plain
 * hash could be reversed with a dump of the database. So the hash is made with a cookie key. While cookie keys are
 * rotated, there are several.
 */
export function hashUserCode({ cookieKeys }: Keys, userCode: string): readonly string[] {
  return cookieKeys.map((key) => sign(key, ['user code', userCode]));
}

const signatureLength = 22;

/**
 * The segment of the consent page's path for a user code that an owner has entered. The signature binds it to the
 * account, so no one else can lead an owner to this page, and user codes cannot be guessed by requests for this path.
 */
export function signUserCode({ cookieKeys: [key] }: Keys, accountId: string, userCode: string): string {
  return `${userCode}-${sign(key, ['entered user code', accountId, userCode]).slice(0, signatureLength)}`;
}

/** The user code in the path of the consent page, and whether its signature is valid. */
export interface EnteredCode {
  readonly userCode: string;
  /** Whether this account has entered the user code. */
  readonly isGenuine: boolean;
}

/** @returns undefined when the segment cannot be from `signUserCode` */
export function readSignedUserCode({ cookieKeys }: Keys, accountId: string, segment: string): EnteredCode | undefined {
  const userCode = parseUserCode(segment.slice(0, 8));
  if (userCode === undefined) return undefined;
  const isGenuine = cookieKeys.some((key) =>
    isEqual(signUserCode({ cookieKeys: [key] }, accountId, userCode), segment),
  );
  return { userCode, isGenuine };
}

function sign(key: string, bound: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(bound)).digest('base64url');
}
