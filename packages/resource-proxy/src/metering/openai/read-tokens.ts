import type { JsonObject } from '@aipassport/policy';
import { requireCount, requireSome, requireTotal } from '../read-counts.js';

/** The tokens of an answer. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
}

/**
 * Reads the counts of the APIs that name them `input_tokens` and `output_tokens`. Their total is the sum of the two.
 * @throws UsageRefused
 */
export function readTokens(usage: JsonObject): Tokens {
  const input = requireCount(usage, 'input_tokens');
  const output = requireCount(usage, 'output_tokens');
  requireSome(input);
  requireTotal(usage, 'total_tokens', input + output);
  return { input, output };
}
