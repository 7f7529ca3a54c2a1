import { isJsonObject, type JsonObject } from '../json.js';
import type { CallTerms } from './call-terms.js';
import { refuseCost } from './cost-refusal.js';
import { bindOutput, boundBody, demandChat } from './demand-chat.js';
import { refuseMember, requireOneOf } from './demand-members.js';
import type { Demand } from './estimate.js';
import { listTools, readAnthropicTools } from './hosted-tools.js';
import { leastWithThinking, readCount, requireThinkingBudget } from './output-limit.js';
import { anthropicInput } from './read-anthropic-input.js';

const frameTokens = 64;
/**
 * https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview#pricing: at most 530 tokens of instructions for
 * the use of tools, 735 for one that the vendor defines; and some for the form of an answer.
 */
const instructionTokens = 1_024;

export function demandAnthropicMessages(body: JsonObject, terms: CallTerms): Demand {
  requireOneOf(body, 'service_tier', ['auto', 'standard_only']);
  // Both are multiples of the price: answers at speed, and answers from one country.
  requireOneOf(body, 'speed', ['standard']);
  requireOneOf(body, 'inference_geo', ['global']);
  for (const member of ['container', 'mcp_servers', 'compaction', 'fallbacks']) {
    refuseMember(body, member, 'not_bounded');
  }
  if (compacts(body)) refuseCost('context_management', 'not_bounded');
  const asked = readCount(body, 'max_tokens');
  const maximum = terms.limits.maxOutputTokens;
  requireThinkingBudget(body, asked ?? maximum);
  return demandChat(
    { ...body, max_tokens: asked ?? maximum },
    {
      bound: boundBody(body, terms, anthropicInput, countAdded(body)),
      output: bindOutput({ asked, maximum, choices: 1, least: leastWithThinking(body) }),
      tools: readAnthropicTools(body, terms.price),
    },
    terms,
  );
}

/** Other edits only leave something out of what the model reads. */
function compacts({ context_management: management }: JsonObject): boolean {
  const edits = isJsonObject(management) && Array.isArray(management.edits) ? management.edits : [];
  return edits.some((edit) => !isJsonObject(edit) || String(edit.type).startsWith('compact'));
}

function countAdded(body: JsonObject): number {
  const tools = listTools(body);
  const ofVendor = tools.filter(({ type }) => type !== undefined && type !== 'custom').length;
  const isInstructed = tools.length > 0 || body.output_config !== undefined || body.output_format !== undefined;
  return frameTokens + (isInstructed ? instructionTokens : 0) + ofVendor * instructionTokens;
}
