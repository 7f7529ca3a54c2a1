import { isJsonObject, type JsonObject, type Usage } from '@aipassport/policy';
import { readDetails, readUsageCount, requireCount, requireSome, requireUsage, subtractParts } from '../read-counts.js';
import { listParts, withTools } from '../tool-usage.js';
import { refuseUsage } from '../usage-reading.js';

/** Reads the usage of a message, and of the tools that the vendor ran for it. */
export function readMessage(message: JsonObject): Usage {
  const blocks = listParts(message.content);
  return withTools(readMessageUsage(message), { ...countCodeSessions(blocks), ...countWebSearches(blocks) });
}

/**
 * Reads the `usage` of a message. Unlike other vendors' counts, `input_tokens` excludes tokens read from or written to
 * a cache.
 */
function readMessageUsage(message: JsonObject): Usage {
  const usage = requireUsage(message.usage);
  // Fast answers, and processing in the US, cost more. The proxy refuses requests for either, so such an answer
  // contradicts its request.
  if (usage.speed === 'fast' || usage.inference_geo === 'us') return refuseUsage('usage_contradictory');
  const input = requireCount(usage, 'input_tokens');
  const read = readUsageCount(usage, 'cache_read_input_tokens') ?? 0;
  const written = readUsageCount(usage, 'cache_creation_input_tokens') ?? 0;
  requireSome(input + read + written);
  const lifetimes = readDetails(usage, 'cache_creation');
  const short = readUsageCount(lifetimes, 'ephemeral_5m_input_tokens') ?? 0;
  // Cache writes that are not reported as short-lived are billed as long-lived.
  const long = subtractParts(written, short);
  subtractParts(long, readUsageCount(lifetimes, 'ephemeral_1h_input_tokens') ?? 0);
  const webSearches = readUsageCount(readDetails(usage, 'server_tool_use'), 'web_search_requests') ?? 0;
  return {
    inputTokens: input,
    ...(read > 0 && { cacheReadTokens: read }),
    ...(short > 0 && { cacheWriteTokens: short }),
    ...(long > 0 && { cacheWrite1hTokens: long }),
    outputTokens: requireCount(usage, 'output_tokens'),
    ...(webSearches > 0 && { webSearches }),
  };
}

/**
 * Counts the searches of a message. A search that fails is not billed
 * (https://docs.claude.com/en/docs/build-with-claude/tool-use/web-search-tool, "Usage and pricing").
 */
function countWebSearches(blocks: readonly unknown[]): Usage {
  let searches = 0;
  for (const block of blocks) {
    if (!isJsonObject(block)) continue;
    if (block.type === 'server_tool_use' && block.name === 'web_search') searches += 1;
    const { content } = block;
    if (isJsonObject(content) && content.type === 'web_search_tool_result_error') searches -= 1;
  }
  return searches > 0 ? { webSearches: searches } : {};
}

const codeTools = new Set<unknown>(['code_execution', 'bash_code_execution', 'text_editor_code_execution']);

/** Counts the code sessions of a message: all its code runs in one container of the vendor, which is one session. */
function countCodeSessions(blocks: readonly unknown[]): Usage {
  const ran = blocks.some(
    (block) => isJsonObject(block) && block.type === 'server_tool_use' && codeTools.has(block.name),
  );
  return ran ? { codeSessions: 1 } : {};
}
