/** One way to write a secret, in bytes, and how much of it may be shown. */
export interface Spelling {
  readonly bytes: Buffer;
  /** The same as text. */
  readonly text: string;
  /** The index where the secret part begins. The prefix before it is the same in all keys of its kind. */
  readonly secretFrom: number;
  /** A run of at least this many bytes of the secret is masked. Shorter runs may be a coincidence. */
  readonly minRun: number;
}

/** No vendor's keys are shorter, and masking shorter ones would mask ordinary words. */
const minKeyLength = 16;
/** With 62^12 possibilities, no text contains this much of a key by chance. */
const minRandomRun = 12;

/** The prefixes of the vendors' keys. The rest of a key is random. */
const publicPrefix =
  /^((sk-(proj|svcacct|admin|or-v1)-|sk-ant-[a-z]+\d\d-|gsk_|xai-|pplx-|nvapi-|hf_|AIza)(?=[\w.-]{16})|sk-(?=[A-Za-z0-9]{20}))/;

/**
 * The spellings of a key that are looked for in answers: as it is, and in base64 after any number of other bytes.
 * Escapes of JSON and of addresses are undone before (`plain-view.ts`).
 */
export function listKeySpellings(key: string): readonly Spelling[] {
  if (key.length < minKeyLength) return [];
  const prefixLength = publicPrefix.exec(key)?.[0].length;
  // A key that an operator made up may consist of words, so only a run of its greater part is unmistakable.
  const minRun = prefixLength === undefined ? Math.ceil(key.length * 0.75) : minRandomRun;
  const plain = { bytes: Buffer.from(key, 'latin1'), text: key, secretFrom: prefixLength ?? 0, minRun };
  return [plain, ...[0, 1, 2].map((offset) => encodeAfter(plain, offset))];
}

/** A name is masked only as a whole. */
export function spellName(name: string): Spelling {
  return { bytes: Buffer.from(name, 'latin1'), text: name, secretFrom: 0, minRun: name.length };
}

/**
 * The part of the key's base64 form that does not depend on the bytes around it. @param offset the number of bytes
 * before it, modulo 3
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
