import { dictionary } from '@zxcvbn-ts/language-common';
import { type Message, message } from '../texts/texts.js';

export const minPasswordLength = 8;
const advisedPasswordLength = 15;
export const maxPasswordLength = 256;

/**
 * The common passwords, one per line. They are compared as bytes, because a password that was once a string stays in
 * memory.
 */
const common = Buffer.from(`\n${dictionary['passwords-common'].join('\n')}\n`);

/**
 * The problem with a new password, as a text for its owner; undefined when there is none. Checks the length, and
 * whether the password is easy to guess. There are no rules about kinds of characters, because such rules make
 * passwords worse (NIST SP 800-63B section 5.1.1).
 * @param password UTF-8. SECRET: it never becomes a string
 */
export function findPasswordProblem(password: Uint8Array, email: string): Message | undefined {
  const characters = codePoints(password);
  if (characters.length < minPasswordLength)
    return message('signIn.passwordShort', { min: minPasswordLength, advised: advisedPasswordLength });
  if (characters.length > maxPasswordLength) return message('signIn.passwordLong', { max: maxPasswordLength });
  const line = Buffer.from([newline, ...Array.from(password, toLowerCase), newline]);
  const folded = line.subarray(1, -1);
  try {
    if (!folded.includes(newline) && common.includes(line)) return message('signIn.passwordCommon');
    if (folded.equals(Buffer.from(email.trim()).map(toLowerCase))) return message('signIn.passwordIsEmail');
    return new Set(characters.map(toLowerCase)).size < 4 ? message('signIn.passwordRepeats') : undefined;
  } finally {
    line.fill(0);
    characters.fill(0);
  }
}

/** The characters of a UTF-8 text, each as one number made of its leading byte and its continuation bytes. */
export function codePoints(utf8: Uint8Array): number[] {
  const points: number[] = [];
  for (const byte of utf8) {
    if ((byte & 0xc0) !== 0x80) points.push(byte);
    else points.push((points.pop() ?? 0) * 64 + (byte & 0x3f));
  }
  return points;
}

const newline = 0x0a;

/** Changes only ASCII letters, because the common passwords are ASCII. */
function toLowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
