import type { UpstreamEntry } from '@aipassport/policy';

const minLength = 11;
/** The length of the part that all provider keys of one kind share. That part is not secret, so it may be a string. */
const prefixLength = 10;

/**
 * Finds the problem with a provider key, as a sentence for its owner. The sentence never contains the provider key.
 * Only API keys are accepted. Vendors' terms allow a subscription for one person's own use only, so a person who gives
 * its session to apps can lose the subscription.
 *
 * @param key ASCII. SECRET: kept as bytes, because a string would stay in memory
 * @param all every AI provider, because another one may have issued the provider key
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
  return isWellFormed ? undefined : `This does not look like an API key of ${label}. Copy the whole key again.`;
}

/** All prefixes of an AI provider's secrets. */
function namesOf({ keyPrefixes, refusedKeys = [] }: UpstreamEntry): readonly string[] {
  return [...keyPrefixes, ...refusedKeys.map(({ prefix }) => prefix)];
}

/** The length of the longest of these prefixes with which the text begins; 0 when it begins with none of them. */
function matchLength(prefixes: readonly string[], text: string): number {
  return Math.max(0, ...prefixes.filter((prefix) => text.startsWith(prefix)).map(({ length }) => length));
}

/** Whether these bytes are all visible ASCII characters, without spaces. */
export function isVisibleAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte > 0x20 && byte < 0x7f);
}

/** Letters, digits, `_`, `-` and `.` */
function isKeyByte(byte: number): boolean {
  return /[\w.-]/.test(String.fromCharCode(byte));
}
