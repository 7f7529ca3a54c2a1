import type { Usage } from '@aipassport/policy';
import { Counts, list, member } from './counts.js';

/** Of `messages`, whole or put together from a stream's events: what is read from and written to a cache is not part of the input. */
export function readMessagesUsage(message: unknown): Usage | undefined {
  const usage = member(message, 'usage');
  const counts = new Counts();
  const input = counts.require(usage, 'input_tokens');
  const read = counts.optional(usage, 'cache_read_input_tokens');
  const written = counts.optional(usage, 'cache_creation_input_tokens');
  const writtenFor1h = counts.optional(member(usage, 'cache_creation'), 'ephemeral_1h_input_tokens');
  counts.expect(input + read + written > 0);
  const tools = member(usage, 'server_tool_use');
  const isContainerUsed =
    counts.optional(tools, 'code_execution_requests') > 0 ||
    list(member(message, 'content')).some((block) => String(member(block, 'name')).includes('code_execution'));
  const found: Usage = {
    inputTokens: input,
    cacheReadTokens: read,
    cacheWriteTokens: counts.rest(written, writtenFor1h),
    cacheWrite1hTokens: writtenFor1h,
    outputTokens: counts.require(usage, 'output_tokens'),
    webSearches: counts.optional(tools, 'web_search_requests'),
    codeSessions: isContainerUsed ? 1 : 0,
  };
  return counts.isSound ? found : undefined;
}
