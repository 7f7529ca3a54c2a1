const maxLength = 2_000;

/**
 * The forms of provider keys, masked provider keys and identifiers of organisations and projects, as vendors put them
 * into messages.
 */
const confidential =
  /\b(sk|pk|rk)-[\w*.\-…]{4,}|\bAIza[\w*-]{4,}|\b(org|proj|project|user|acct|wrkspc)[-_](?=\w*\d)\w{6,}|\b(projects?|project_number|consumer)[ :/"'=]+[\w:/-]{4,}|[\w.+-]+@[\w-]+\.[\w.-]+/gi;

/**
 * Patterns that no text matches by chance. In a text that a model may have written, only these patterns are searched
 * for.
 */
const unmistakable =
  /\b(org-|proj_|user-|wrkspc_)(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{10,}(?![A-Za-z0-9])|\bprojects\/\d{6,}(?!\d)/g;

/** @returns the parts of a text that name the owner's account, as they are written */
export function findConfidential(text: string, shapes: 'all' | 'unmistakable'): readonly string[] {
  return text.match(shapes === 'all' ? confidential : unmistakable) ?? [];
}

/** Removes the owner's confidential data from an upstream's message: provider keys and the names of their account. */
export function scrubText(text: string): string {
  return text.slice(0, maxLength).replace(confidential, '[removed]');
}

const wordPattern = /^[\w.-]{1,100}$/;

/** The code or type of an upstream's error, if it is a plain word that does not name the owner's account. */
export function readWord(value: unknown): string | null {
  return typeof value === 'string' && wordPattern.test(value) && scrubText(value) === value ? value : null;
}
