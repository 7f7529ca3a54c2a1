import { dictionary } from '@zxcvbn-ts/language-common';

export const minPasswordLength = 8;
export const advisedPasswordLength = 15;
export const maxPasswordLength = 256;

const common = new Set(dictionary['passwords-common']);

/**
 * What is wrong with a new password, in a sentence for its owner. Length and commonness only: rules about kinds of
 * characters make passwords worse (NIST SP 800-63B section 5.1.1).
 */
export function findPasswordProblem(password: string, email: string): string | undefined {
  if (Array.from(password).length < minPasswordLength)
    return `Use at least ${minPasswordLength} characters; ${advisedPasswordLength} are better.`;
  if (password.length > maxPasswordLength) return `Use at most ${maxPasswordLength} characters.`;
  const folded = password.toLowerCase();
  if (common.has(folded)) return 'This is one of the passwords that are tried first. Choose another.';
  if (folded === email.trim().toLowerCase()) return 'Your email address is not a secret. Choose another password.';
  return new Set(folded).size < 4 ? 'This password repeats very few characters. Choose another.' : undefined;
}
