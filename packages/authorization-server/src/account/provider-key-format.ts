import { type Upstream, upstreamNames } from '@aipassport/policy';

/** Longest prefix first: whose key a text looks like. */
const looksLike: readonly (readonly [RegExp, Upstream])[] = [
  [/^sk-ant-/, 'anthropic'],
  [/^AIza|^AQ\./, 'google'],
  [/^sk-/, 'openai'],
];

const wellFormed: Readonly<Record<Upstream, RegExp>> = {
  openai: /^sk-[\w-]{8,}$/,
  anthropic: /^sk-ant-api[\w-]{8,}$/,
  google: /^(AIza|AQ\.)[\w.-]{8,}$/,
};

/**
 * What is wrong with a key for an AI provider, in a sentence for its owner; never with the key in it.
 * Only API keys are taken: a subscription's session is bound to one person's own use by its vendor's terms, and
 * handing it to apps can cost that person the subscription.
 */
export function findKeyProblem(upstream: Upstream, key: string): string | undefined {
  const name = upstreamNames[upstream];
  if (/^sk-ant-(oat|ort|sid)/.test(key))
    return 'This is the session of a Claude subscription, not an API key. Anthropic allows it for your own use only; create an API key in the Anthropic Console.';
  if (/^(sess-|eyJ)/.test(key))
    return `This is the session of a sign-in, not an API key. Create an API key in the console of ${name}.`;
  const owner = looksLike.find(([pattern]) => pattern.test(key))?.[1];
  if (owner !== undefined && owner !== upstream)
    return `This looks like a key of ${upstreamNames[owner]}, not of ${name}.`;
  if (!wellFormed[upstream].test(key)) return `This does not look like an API key of ${name}. Copy it again, whole.`;
  return undefined;
}
