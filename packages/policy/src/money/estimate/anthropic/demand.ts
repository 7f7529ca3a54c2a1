import type { PricedBodyOf } from '../../../fields/field-tables.js';
import type { CallTerms } from '../call-terms.js';
import { bindOutput, boundBody, demandChat } from '../demand-chat.js';
import type { Demand } from '../estimate.js';
import { listTools } from '../hosted-tools.js';
import { readCount } from '../output-limit.js';
import { readAnthropicTools } from './hosted-tools.js';
import { leastWithThinking, requireThinkingBudget } from './output-limit.js';
import { anthropicInput } from './read-input.js';

type MessagesBody = PricedBodyOf<'anthropic.messages'>;

const frameTokens = 64;
/**
 * An upper bound for the instructions that the vendor adds: once for tools and for the format of the answer, and again
 * for each tool that the vendor defines. The vendor states at most 530 tokens for tools, and at most 735 for a tool
 * that it defines: https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview#pricing
 */
const instructionTokens = 1_024;

export function demandAnthropicMessages(body: MessagesBody, terms: CallTerms): Demand {
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

function countAdded(body: MessagesBody): number {
  const tools = listTools(body);
  const ofVendor = tools.filter(({ type }) => type !== undefined && type !== 'custom').length;
  const isInstructed = tools.length > 0 || body.output_config !== undefined || body.output_format !== undefined;
  return frameTokens + (isInstructed ? instructionTokens : 0) + ofVendor * instructionTokens;
}
