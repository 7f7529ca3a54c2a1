const maxLength = 2_000;

/** Shapes of keys, masked keys and identifiers of organisations and projects, as vendors put them into messages. */
const confidential =
  /\b(sk|pk|rk)-[\w*.\-…]{4,}|\bAIza[\w*-]{4,}|\b(org|proj|project|user|acct|wrkspc)[-_](?=\w*\d)\w{6,}|\b(projects?|project_number|consumer)[ :/"'=]+[\w:/-]{4,}|[\w.+-]+@[\w-]+\.[\w.-]+/gi;

/** Of these only the shapes that no text has by chance: for where it may be a model that speaks. */
const unmistakable =
  /\b(org-|proj_|user-|wrkspc_)(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{10,}(?![A-Za-z0-9])|\bprojects\/\d{6,}(?!\d)/g;

/** @returns what stands in a text of the owner's business, each as it stands there */
export function findConfidential(text: string, shapes: 'all' | 'unmistakable'): readonly string[] {
  return text.match(shapes === 'all' ? confidential : unmistakable) ?? [];
}

/** Takes out of an upstream's message what is the owner's business: keys and the names of their account. */
export function scrubText(text: string): string {
  return text.slice(0, maxLength).replace(confidential, '[removed]');
}

const wordPattern = /^[\w.-]{1,100}$/;

/** A code or type of an upstream's error: a plain word that names nothing of the owner's, or nothing. */
export function readWord(value: unknown): string | null {
  return typeof value === 'string' && wordPattern.test(value) && scrubText(value) === value ? value : null;
}
