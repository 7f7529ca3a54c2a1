import { asFree, type FieldTable, harmless, input, modelName, output, rate, state, tools } from '../field.js';
import {
  edits,
  flag,
  list,
  members,
  nothingStored,
  onlyDefault,
  pricedFor,
  unsupportedThread,
  whole,
} from '../field-rule.js';

/** The fields that a message and a count of its tokens share. */
const conversation = {
  model: modelName,
  messages: input('The conversation.', list),
  system: input('The instructions that the model reads first.'),
  tools: tools('What the model may call.'),
  tool_choice: harmless('Which tool the model has to call.'),
  thinking: output(
    'Whether and how much the model thinks before it answers. The thinking counts against `max_tokens`.',
  ),
  output_config: input('The form of the answer.'),
  output_format: input('The form of the answer, such as a JSON schema.'),
  cache_control: input('Caches the conversation. Writing a cache costs more than reading it.'),
  metadata: harmless('Your own notes.'),
  stream: harmless('Whether the answer comes in pieces.', flag),
  // The edit for compaction is not in this list, because compaction runs the model once more.
  context_management: rate(
    'The parts of a long conversation that the model does not read.',
    members({ edits: rate('The kinds of parts to leave out.', edits('clear_thinking', 'clear_tool_uses')) }),
  ),
  compaction: rate('Sums up a long conversation.', onlyDefault()),
  // With `auto`, the vendor uses priority capacity that the owner has bought, and standard capacity otherwise.
  service_tier: rate('Which capacity serves the request.', pricedFor('auto', 'standard_only')),
  // The field is not sent even with the default, because some models accept no value of it without a beta. The beta
  // costs more.
  speed: rate('How fast the answer is written.', onlyDefault('standard')),
  inference_geo: rate('Where the model runs.', pricedFor('global')),
  fallbacks: rate('Models that answer when this one refuses.', onlyDefault([])),
  billing_policy: rate(
    'Who is billed.',
    onlyDefault({ type: 'billing_policy' }, { type: 'billing_policy', bill_to: 'self' }),
  ),
  mcp_servers: rate('Servers whose tools the provider calls.', onlyDefault([])),
  container: state('Where the provider runs code.', nothingStored()),
  diagnostics: state('Compares the request with an earlier one.', nothingStored({}, { previous_message_id: null })),
  fallback_credit_token: state('A credit of an earlier request.', nothingStored()),
  user_profile_id: state('A profile that the provider stores.', nothingStored()),
  // The SDK's tool runner asks for a thread. If the answer says that there is none, the runner sends all messages.
  thread: state('A conversation that the provider holds.', unsupportedThread({ type: 'create' })),
} satisfies FieldTable;

/** https://docs.claude.com/en/api/messages */
export const messagesFields = {
  ...conversation,
  max_tokens: output('The most tokens of the answer. 0 only fills the cache.', whole(0, 1_000_000)),
  stop_sequences: harmless('Texts that end the answer.'),
  temperature: harmless('How freely tokens are drawn.'),
  top_k: harmless('The number of the likeliest tokens, from which the model draws.'),
  top_p: harmless('The total probability of the likeliest tokens, from which the model draws.'),
} satisfies FieldTable;

/** https://docs.claude.com/en/api/messages-count-tokens. The operation costs nothing. */
export const messageTokensFields = asFree(conversation) satisfies FieldTable;
