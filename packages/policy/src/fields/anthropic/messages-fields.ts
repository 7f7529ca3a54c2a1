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
  tools: tools('The tools that the model may call.'),
  tool_choice: harmless('Whether the model has to call a tool, and which one.'),
  thinking: output(
    'Whether and how much the model thinks before it answers. The thinking counts against `max_tokens`.',
  ),
  output_config: input('The format of the answer, and the effort of the model.'),
  output_format: input('The format of the answer, such as a JSON schema.'),
  cache_control: input('Caches the conversation. Writing a cache costs more than reading it.'),
  metadata: harmless('Data about the request, such as your identifier of an end user.'),
  stream: harmless('Whether the answer is streamed.', flag),
  // The edit for compaction is not in this list, because compaction runs the model once more.
  context_management: rate(
    'The parts of a long conversation that the model does not read.',
    members({ edits: rate('The kinds of parts to leave out.', edits('clear_thinking', 'clear_tool_uses')) }),
  ),
  compaction: rate('Summarizes a long conversation.', onlyDefault()),
  // With `auto`, the vendor uses priority capacity that the owner has bought, and standard capacity otherwise.
  service_tier: rate(
    'Whether the provider’s priority capacity may serve the request.',
    pricedFor('auto', 'standard_only'),
  ),
  // The field is not sent even with the default, because some models accept no value of it without a beta. The beta
  // costs more.
  speed: rate('How fast the answer is generated.', onlyDefault('standard')),
  inference_geo: rate('The region in which the model runs.', pricedFor('global')),
  fallbacks: rate('Models that answer if this one refuses.', onlyDefault([])),
  billing_policy: rate(
    'Who is billed.',
    onlyDefault({ type: 'billing_policy' }, { type: 'billing_policy', bill_to: 'self' }),
  ),
  mcp_servers: rate('MCP servers whose tools the provider calls.', onlyDefault([])),
  container: state('The container in which the provider runs code.', nothingStored()),
  diagnostics: state('Compares the request with an earlier one.', nothingStored({}, { previous_message_id: null })),
  fallback_credit_token: state('A credit from an earlier request.', nothingStored()),
  user_profile_id: state('A user profile that the provider stores.', nothingStored()),
  // The SDK's tool runner asks for a thread. If the answer says that there is none, the runner sends all messages.
  thread: state('A conversation that the provider stores.', unsupportedThread({ type: 'create' })),
} satisfies FieldTable;

/** https://docs.claude.com/en/api/messages */
export const messagesFields = {
  ...conversation,
  max_tokens: output(
    'The maximum number of tokens in the answer. With 0, the request only fills the cache.',
    whole(0, 1_000_000),
  ),
  stop_sequences: harmless('Texts that end the answer.'),
  temperature: harmless('The sampling temperature: higher values give more random answers.'),
  top_k: harmless('The number of most probable tokens from which the model samples.'),
  top_p: harmless('The model samples from the most probable tokens whose probabilities add up to this value.'),
} satisfies FieldTable;

/** https://docs.claude.com/en/api/messages-count-tokens. The operation costs nothing. */
export const messageTokensFields = asFree(conversation) satisfies FieldTable;
