import type { UpstreamEntry } from '@aipassport/policy';
import { type Message, message } from '../texts/texts.js';

const minLength = 11;
/** The length of the longest prefix in the upstream catalogue. Only this part of a provider key becomes a string. */
const prefixLength = 10;

/**
 * Finds the problem with a provider key, as a text for its owner; undefined when there is none. The text never contains
 * the provider key. Only API keys are accepted. The session of a subscription is refused: vendors' terms allow a
 * subscription for one person's own use only, so a person who gives the session to apps can lose the subscription.
 *
 * @param key the provider key, in ASCII. SECRET: kept as bytes, because a string would stay in memory
 * @param all every AI provider, because another AI provider than `entry` may have issued the provider key
 */
export function findKeyProblem(
  entry: UpstreamEntry,
  key: Uint8Array,
  all: readonly UpstreamEntry[],
): Message | undefined {
  const prefix = Buffer.from(key.subarray(0, prefixLength)).toString('latin1');
  const { label, keyPrefixes } = entry;
  const subscription = all.find(({ refusedKeys = [] }) =>
    refusedKeys.some((refused) => refused.isSubscription && prefix.startsWith(refused.prefix)),
  );
  if (subscription !== undefined) return message('keys.subscription', { provider: subscription.label });
  if (/^(sess-|eyJ)/.test(prefix)) return message('keys.session', { provider: label });
  const own = matchLength(namesOf(entry), prefix);
  const other = all.find((one) => one !== entry && matchLength(namesOf(one), prefix) > own);
  if (other !== undefined) return message('keys.otherProvider', { other: other.label, provider: label });
  const isExpected = keyPrefixes.length === 0 || matchLength(keyPrefixes, prefix) > 0;
  const isWellFormed = isExpected && key.length >= minLength && key.every(isKeyByte);
  return isWellFormed ? undefined : message('keys.malformedFor', { provider: label });
}

/** All prefixes of an AI provider's secrets. */
function namesOf({ keyPrefixes, refusedKeys = [] }: UpstreamEntry): readonly string[] {
  return [...keyPrefixes, ...refusedKeys.map(({ prefix }) => prefix)];
}

/** The length of the longest of these prefixes that the text begins with; 0 when there is none. */
function matchLength(prefixes: readonly string[], text: string): number {
  return Math.max(0, ...prefixes.filter((prefix) => text.startsWith(prefix)).map(({ length }) => length));
}

/** Whether these bytes are all visible ASCII characters, without spaces. */
export function isVisibleAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte > 0x20 && byte < 0x7f);
}

/** Whether the byte is an ASCII letter, a digit, `_`, `-` or `.` */
function isKeyByte(byte: number): boolean {
  return /[\w.-]/.test(String.fromCharCode(byte));
}
