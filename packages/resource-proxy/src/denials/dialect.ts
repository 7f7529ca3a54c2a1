import { parseUpstream, type Upstream } from '@aipassport/policy';

/** In whose words errors are answered: an upstream's below its prefix, OAuth's elsewhere. */
export type Dialect = Upstream | 'oauth';

/** Where other vendors speak as OpenAI does. */
const openaiPrefixes = ['/google/v1beta/openai/', '/anthropic/v1/chat/'];

/** @param target the raw request target */
export function readDialect(target: string): Dialect {
  if (openaiPrefixes.some((prefix) => target.startsWith(prefix))) return 'openai';
  return parseUpstream(target.slice(1, target.indexOf('/', 1))) ?? 'oauth';
}
