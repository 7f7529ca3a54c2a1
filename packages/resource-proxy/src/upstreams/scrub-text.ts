const maxLength = 2_000;

/**
 * The forms of confidential data that vendors put into messages: provider keys, masked provider keys, e-mail addresses,
 * and identifiers of organisations, projects, users, accounts and workspaces.
 */
const confidential =
  /\b(sk|pk|rk)-[\w*.\-…]{4,}|\bAIza[\w*-]{4,}|\b(org|proj|project|user|acct|wrkspc)[-_](?=\w*\d)\w{6,}|\b(projects?|project_number|consumer)[ :/"'=]+[\w:/-]{4,}|[\w.+-]+@[\w-]+\.[\w.-]+/gi;

/**
 * Patterns that no text matches by chance. In a text that a model may have written, only these patterns are searched
 * for.
 */
const unmistakable =
  /\b(org-|proj_|user-|wrkspc_)(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{10,}(?![A-Za-z0-9])|\bprojects\/\d{6,}(?!\d)/g;

/** @returns the confidential parts of a text, as they are written in it */
export function findConfidential(text: string, shapes: 'all' | 'unmistakable'): readonly string[] {
  return text.match(shapes === 'all' ? confidential : unmistakable) ?? [];
}

/**
 * Removes the owner's confidential data from an upstream's message: provider keys, and the names of the owner's
 * account. A text that is longer than `maxLength` is cut off.
 */
export function scrubText(text: string): string {
  return text.slice(0, maxLength).replace(confidential, '[removed]');
}

const wordPattern = /^[\w.-]{1,100}$/;

/**
 * Reads the code or the type of an upstream's error.
 * @returns null when it is not a plain word, or when it contains confidential data
 */
export function readWord(value: unknown): string | null {
  return typeof value === 'string' && wordPattern.test(value) && scrubText(value) === value ? value : null;
}
