import { type Upstream, upstreamNames } from '@aipassport/policy';

/** Longest prefix first: whose key a text looks like. */
const looksLike: readonly (readonly [RegExp, Upstream])[] = [
  [/^sk-ant-/, 'anthropic'],
  [/^AIza|^AQ\./, 'google'],
  [/^sk-/, 'openai'],
];

const prefixes: Readonly<Record<Upstream, RegExp>> = {
  openai: /^sk-/,
  anthropic: /^sk-ant-api/,
  google: /^(AIza|AQ\.)/,
};
const minLength = 11;
/** The part of a key that is the same in all keys of its kind. It is not secret, so it may be a string. */
const prefixLength = 10;

/**
 * What is wrong with a key for an AI provider, in a sentence for its owner; never with the key in it.
 * Only API keys are taken: a subscription's session is bound to one person's own use by its vendor's terms, and
 * handing it to apps can cost that person the subscription.
 * @param key ASCII. SECRET: kept as bytes, because a string would stay in memory
 */
export function findKeyProblem(upstream: Upstream, key: Uint8Array): string | undefined {
  const name = upstreamNames[upstream];
  const prefix = Buffer.from(key.subarray(0, prefixLength)).toString('latin1');
  if (/^sk-ant-(oat|ort|sid)/.test(prefix))
    return 'This is the session of a Claude subscription, not an API key. Anthropic allows it for your own use only; create an API key in the Anthropic Console.';
  if (/^(sess-|eyJ)/.test(prefix))
    return `This is the session of a sign-in, not an API key. Create an API key in the console of ${name}.`;
  const owner = looksLike.find(([pattern]) => pattern.test(prefix))?.[1];
  if (owner !== undefined && owner !== upstream)
    return `This looks like a key of ${upstreamNames[owner]}, not of ${name}.`;
  const isWellFormed = prefixes[upstream].test(prefix) && key.length >= minLength && key.every(isKeyByte);
  return isWellFormed ? undefined : `This does not look like an API key of ${name}. Copy it again, whole.`;
}

/** Whether these bytes are visible ASCII without spaces. */
export function isVisibleAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte > 0x20 && byte < 0x7f);
}

/** Letters, digits, `_`, `-` and `.` */
function isKeyByte(byte: number): boolean {
  return /[\w.-]/.test(String.fromCharCode(byte));
}
