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

/** The prefixes of the vendors' provider keys. The rest of a provider key is random. */
const publicPrefix =
  /^((sk-(proj|svcacct|admin|or-v1)-|sk-ant-[a-z]+\d\d-|gsk_|xai-|pplx-|nvapi-|hf_|AIza)(?=[\w.-]{16})|sk-(?=[A-Za-z0-9]{20}))/;

/**
 * Lists the spellings of a provider key that are searched for in answers: the provider key itself, and its base64 form
 * at any offset. The list is empty for a provider key that is shorter than `minKeyLength`. Escapes of JSON and of URLs
 * are decoded before the search (`plain-view.ts`).
 */
export function listKeySpellings(key: string): readonly Spelling[] {
  if (key.length < minKeyLength) return [];
  const prefixLength = publicPrefix.exec(key)?.[0].length;
  // A provider key that an operator made up may consist of words, so only a run of at least three quarters of it is
  // unmistakable.
  const minRun = prefixLength === undefined ? Math.ceil(key.length * 0.75) : minRandomRun;
  const plain = { bytes: Buffer.from(key, 'latin1'), text: key, secretFrom: prefixLength ?? 0, minRun };
  return [plain, ...[0, 1, 2].map((offset) => encodeAfter(plain, offset))];
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
