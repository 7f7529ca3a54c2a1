import type { UpstreamEntry } from '@aipassport/policy';

const minLength = 11;
/** The part of a key that is the same in all keys of its kind. It is not secret, so it may be a string. */
const prefixLength = 10;

/**
 * Finds what is wrong with a key for an AI provider, in a sentence for its owner; never with the key in it.
 * Only API keys are taken. A subscription is for one person's own use by its vendor's terms: handing its session to apps
 * can cost that person the subscription.
 *
 * @param key ASCII. SECRET: kept as bytes, because a string would stay in memory
 * @param all the AI providers whose key it may be instead
 */
export function findKeyProblem(
  entry: UpstreamEntry,
  key: Uint8Array,
  all: readonly UpstreamEntry[],
): string | undefined {
  const prefix = Buffer.from(key.subarray(0, prefixLength)).toString('latin1');
  const { label, keyPrefixes } = entry;
  const refusal = all.flatMap(({ refusedKeys = [] }) => refusedKeys).find((one) => prefix.startsWith(one.prefix));
  if (refusal?.reason !== undefined) return refusal.reason;
  if (/^(sess-|eyJ)/.test(prefix))
    return `This is the session of a sign-in, not an API key. Create an API key in the console of ${label}.`;
  const own = matchLength(namesOf(entry), prefix);
  const other = all.find((one) => one !== entry && matchLength(namesOf(one), prefix) > own);
  if (other !== undefined) return `This looks like a key of ${other.label}, not of ${label}.`;
  const isExpected = keyPrefixes.length === 0 || matchLength(keyPrefixes, prefix) > 0;
  const isWellFormed = isExpected && key.length >= minLength && key.every(isKeyByte);
  return isWellFormed ? undefined : `This does not look like an API key of ${label}. Copy it again, whole.`;
}

/** How all secrets of an AI provider begin. */
function namesOf({ keyPrefixes, refusedKeys = [] }: UpstreamEntry): readonly string[] {
  return [...keyPrefixes, ...refusedKeys.map(({ prefix }) => prefix)];
}

/** The length of the longest of these prefixes that a text begins with; 0 when it begins with none. */
function matchLength(prefixes: readonly string[], text: string): number {
  return Math.max(0, ...prefixes.filter((prefix) => text.startsWith(prefix)).map(({ length }) => length));
}

/** Whether these bytes are visible ASCII without spaces. */
export function isVisibleAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte > 0x20 && byte < 0x7f);
}

/** Letters, digits, `_`, `-` and `.` */
function isKeyByte(byte: number): boolean {
  return /[\w.-]/.test(String.fromCharCode(byte));
}
