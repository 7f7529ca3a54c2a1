/** One spelling of a secret, and the length from which parts of it are masked. */
export interface Spelling {
  readonly bytes: Buffer;
  /** `bytes` as text. */
  readonly text: string;
  /** The index where the secret part begins. The prefix before it is the same in all provider keys of its kind. */
  readonly secretFrom: number;
  /** A run of at least this many bytes of the secret is masked. Shorter runs may be a coincidence. */
  readonly minRun: number;
}

/** The provider keys of all vendors have at least this length. Masking shorter texts would mask ordinary words. */
const minKeyLength = 16;
/** The length of a run that no text contains by chance, because 12 random characters have 62^12 possibilities. */
const minRandomRun = 12;

/** What all provider keys of a kind begin with, such as `sk-proj-`, `sk-ant-api03-`, `gsk_` or `sk-or-v1-`. */
const publicPrefix = /^(?:[a-z]+\d{0,2}[-_.]){0,4}/;
/** A provider key that an operator made up may consist of words and numbers. Those of vendors are random. */
const words = /^(?:[a-z]+|\d{1,4})(?:[-_.](?:[a-z]+|\d{1,4}))*\d{0,4}$/i;

/**
 * Lists the spellings of a provider key that are searched for in answers: the provider key itself, and its base64 form
 * at any offset. The list is empty for a provider key that is shorter than `minKeyLength`. Escapes of JSON and of URLs
 * are decoded before the search (`plain-view.ts`).
 */
export function listKeySpellings(key: string): readonly Spelling[] {
  if (key.length < minKeyLength) return [];
  const secretFrom = findRandomPart(key);
  // If a provider key consists of words, only a run of at least three quarters of its length is unmistakable.
  const minRun = secretFrom === undefined ? Math.ceil(key.length * 0.75) : minRandomRun;
  const plain = { bytes: Buffer.from(key, 'latin1'), text: key, secretFrom: secretFrom ?? 0, minRun };
  return [plain, ...[0, 1, 2].map((offset) => encodeAfter(plain, offset))];
}

/** @returns the index where the random part of a provider key begins; undefined if it has none */
function findRandomPart(key: string): number | undefined {
  const start = publicPrefix.exec(key)?.[0].length ?? 0;
  const rest = key.slice(start);
  return rest.length < minKeyLength || words.test(rest) ? undefined : start;
}

/** An account name is masked only when all of it occurs. */
export function createNameSpelling(name: string): Spelling {
  return { bytes: Buffer.from(name, 'latin1'), text: name, secretFrom: 0, minRun: name.length };
}

/**
 * Returns the part of the secret's base64 form that does not depend on the bytes around it.
 * @param offset the number of bytes before the secret, modulo 3
 */
function encodeAfter({ bytes, secretFrom, minRun }: Spelling, offset: number): Spelling {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url');
  const charactersOf = (byteCount: number) => Math.ceil((byteCount * 4) / 3);
  const start = charactersOf(offset);
  const end = Math.floor(((offset + bytes.length) * 4) / 3);
  const text = encoded.slice(start, end);
  return {
    bytes: Buffer.from(text, 'latin1'),
    text,
    secretFrom: charactersOf(offset + secretFrom) - start,
    minRun: charactersOf(minRun),
  };
}
