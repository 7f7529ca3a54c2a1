import { type JsonObject, type Model, type Operation, operations } from '@aipassport/policy';
import { listMedia } from './list-media.js';

/** The members of a message that its vendor's counting takes. */
const anthropicMembers = new Set([
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'cache_control',
]);

/** The operation of a vendor that says, for nothing, how many tokens the input of another operation has. */
export function findCounting({ id }: Operation): Operation | undefined {
  const counting = countings[id];
  return operations.find((operation) => operation.id === counting);
}

const countings: Readonly<Record<string, string>> = {
  'openai.chat/completions': 'openai.responses/input_tokens',
  'openai.responses': 'openai.responses/input_tokens',
  'anthropic.messages': 'anthropic.messages/count_tokens',
  'google.generateContent': 'google.countTokens',
  'google.streamGenerateContent': 'google.countTokens',
};

/**
 * The body for it. OpenAI is asked for pictures and documents only: texts are counted here, and its counting takes no
 * chats.
 * @returns undefined when there is nothing to ask for
 */
export function composeCount(operation: Operation, model: Model, body: JsonObject): JsonObject | undefined {
  if (operation.upstream === 'openai') {
    const content = listMedia(body);
    return content.length === 0 ? undefined : { model: model.id, input: [{ role: 'user', content }] };
  }
  if (operation.upstream === 'anthropic')
    return Object.fromEntries(Object.entries(body).filter(([name]) => anthropicMembers.has(name)));
  return { generateContentRequest: { ...body, model: `models/${model.id}` } };
}
