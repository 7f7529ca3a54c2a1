import {
  edits,
  type FieldRule,
  members,
  nothingStored,
  oneOf,
  onlyDefault,
  pricedFor,
  type RequestTable,
  unheldThread,
  whole,
  words,
} from '../request-table.js';
import { dropWrittenFiles } from './drop-written-files.js';

const conversation =
  'model messages system tools tool_choice thinking output_config output_format cache_control metadata';

const judged: Readonly<Record<string, FieldRule>> = {
  stream: oneOf(true, false),
  // Compaction runs the model once more.
  context_management: members('', { edits: edits('clear_thinking clear_tool_uses') }),
  compaction: onlyDefault(),
  // `auto` uses priority capacity that the owner has bought, and standard capacity otherwise.
  service_tier: pricedFor('auto', 'standard_only'),
  // Some models take any value of it with a beta only, which costs more.
  speed: onlyDefault('standard'),
  inference_geo: pricedFor('global'),
  fallbacks: onlyDefault([]),
  billing_policy: onlyDefault({ type: 'billing_policy' }, { type: 'billing_policy', bill_to: 'self' }),
  mcp_servers: onlyDefault([]),
  container: nothingStored(),
  diagnostics: nothingStored({}, { previous_message_id: null }),
  fallback_credit_token: nothingStored(),
  user_profile_id: nothingStored(),
  // The SDK's tool runner asks for it, and sends all messages when it is told that there is no such thread.
  thread: unheldThread({ type: 'create' }),
};

/** https://docs.claude.com/en/api/messages */
const messages: RequestTable = {
  passed: words(conversation, 'stop_sequences temperature top_k top_p'),
  // Without an answer, a request only fills the cache.
  judged: { ...judged, max_tokens: whole(0, 1_000_000) },
  adjust: dropWrittenFiles,
};

const countTokens: RequestTable = { passed: words(conversation), judged, adjust: dropWrittenFiles };

/** By operation id. */
export const anthropicTables: Readonly<Record<string, RequestTable>> = {
  'anthropic.messages': messages,
  'anthropic.messages/count_tokens': countTokens,
};
