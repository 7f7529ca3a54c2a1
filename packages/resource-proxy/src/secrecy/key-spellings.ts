/** One way to write a secret, in bytes, and how much of it may be shown. */
export interface Spelling {
  readonly bytes: Buffer;
  /** The same as text. */
  readonly text: string;
  /** Where the secret begins: what stands before it is the same in all keys of its kind, and known to everyone. */
  readonly secretFrom: number;
  /** A run of so many bytes of the secret is not passed on; of fewer, most may be chance. */
  readonly minRun: number;
}

/** Shorter ones are no vendor's keys, and would blot out words. */
const minKeyLength = 16;
/** 62^12 possibilities: no text holds so much of a key by chance. */
const minRandomRun = 12;

/** How keys of the vendors begin; after that they are random. */
const publicPrefix =
  /^((sk-(proj|svcacct|admin|or-v1)-|sk-ant-[a-z]+\d\d-|gsk_|xai-|pplx-|nvapi-|hf_|AIza)(?=[\w.-]{16})|sk-(?=[A-Za-z0-9]{20}))/;

/**
 * The spellings of a key that are looked for in answers: as it is, and in base64 after any number of other bytes.
 * Escapes of JSON and of addresses are undone before (`plain-view.ts`).
 */
export function listKeySpellings(key: string): readonly Spelling[] {
  if (key.length < minKeyLength) return [];
  const prefixLength = publicPrefix.exec(key)?.[0].length;
  // A key that an operator made up may consist of words: of those only the greater part is unmistakable.
  const minRun = prefixLength === undefined ? Math.ceil(key.length * 0.75) : minRandomRun;
  const plain = { bytes: Buffer.from(key, 'latin1'), text: key, secretFrom: prefixLength ?? 0, minRun };
  return [plain, ...[0, 1, 2].map((offset) => encodeAfter(plain, offset))];
}

/** A name is found as a whole only. */
export function spellName(name: string): Spelling {
  return { bytes: Buffer.from(name, 'latin1'), text: name, secretFrom: 0, minRun: name.length };
}

/** What is the same in base64 whatever stands around the key. @param offset how many bytes stand before it, modulo 3 */
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
