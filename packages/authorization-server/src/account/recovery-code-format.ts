import { randomInt } from 'node:crypto';

const recoveryCodeCount = 10;
/** 16 characters of 5 bits. 80 random bits cannot be guessed, so an unsalted hash is enough. */
const length = 16;
/** Without I, L, O and U, which are easily mistaken for other characters. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** @returns SECRET */
export function makeRecoveryCodes(): readonly string[] {
  return Array.from({ length: recoveryCodeCount }, makeCode);
}

function makeCode(): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** For people: `ABCD-EFGH-JKMN-PQRS`. */
export function formatRecoveryCode(code: string): string {
  return (code.match(/.{4}/g) ?? []).join('-');
}

/**
 * The code that a person has typed, in upper or lower case, with any spaces and hyphens. O is read as 0, and I and L
 * are read as 1.
 * @returns SECRET; undefined when the text is not a code
 */
export function parseRecoveryCode(text: string): string | undefined {
  const code = text
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return isCode(code) ? code : undefined;
}

/** Whether the text is a complete set of recovery codes, separated by dots. */
export function isRecoveryCodes(text: string): boolean {
  const codes = text.split('.');
  return codes.length === recoveryCodeCount && codes.every(isCode);
}

function isCode(text: string): boolean {
  return new RegExp(`^[${alphabet}]{${length}}$`).test(text);
}
