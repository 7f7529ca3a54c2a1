import {
  type BodyOperationId,
  isBodyOperation,
  type JsonObject,
  type Model,
  type Operation,
  type OperationId,
  type UpstreamCatalogue,
} from '@aipassport/policy';
import { listMedia } from './list-media.js';

/** The members of a message that the vendor's counting operation accepts. */
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

/** Finds the operation of an upstream that counts the input tokens of another operation, free of charge. */
export function findCounting({ operations }: UpstreamCatalogue, { form, upstream }: Operation): Operation | undefined {
  const counting = isBodyOperation(form) ? countings[form] : undefined;
  return operations.find((operation) => operation.form === counting && operation.upstream === upstream);
}

const countings = {
  'openai.chat/completions': 'openai.responses/input_tokens',
  'openai.completions': undefined,
  'openai.responses': 'openai.responses/input_tokens',
  'openai.responses/input_tokens': undefined,
  'openai.moderations': undefined,
  'openai.embeddings': undefined,
  'openai.images/generations': undefined,
  'openai.images/edits': undefined,
  'openai.images/edits.json': undefined,
  'openai.images/variations': undefined,
  'openai.audio/speech': undefined,
  'anthropic.messages': 'anthropic.messages/count_tokens',
  'anthropic.messages/count_tokens': undefined,
  'google.generateContent': 'google.countTokens',
  'google.streamGenerateContent': 'google.countTokens',
  'google.countTokens': undefined,
  'google.embedContent': undefined,
  'google.batchEmbedContents': undefined,
} as const satisfies Readonly<Record<BodyOperationId, OperationId | undefined>>;

/**
 * Builds the body for that operation. OpenAI is asked about pictures and documents only: texts are counted here, and
 * OpenAI's counting operation does not accept chats.
 * @returns undefined when there is nothing to count
 */
export function composeCount({ dialect }: Operation, model: Model, body: JsonObject): JsonObject | undefined {
  switch (dialect) {
    case 'openai': {
      const content = listMedia(body);
      return content.length === 0 ? undefined : { model: model.id, input: [{ role: 'user', content }] };
    }
    case 'anthropic':
      return Object.fromEntries(Object.entries(body).filter(([name]) => anthropicMembers.has(name)));
    case 'google':
      return { generateContentRequest: { ...body, model: `models/${model.id}` } };
  }
}
