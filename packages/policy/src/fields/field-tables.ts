import type { BodyOperationId, FieldedOperationId } from '../operations/dialect-operations.js';
import { messagesFields, messageTokensFields } from './anthropic/messages-fields.js';
import type { FieldTable, PricedBody } from './field.js';
import {
  batchEmbedContentsFields,
  countTokensFields,
  embedContentFields,
  generateContentFields,
} from './google/content-fields.js';
import { chatFields } from './openai/chat-fields.js';
import { completionsFields } from './openai/completions-fields.js';
import {
  imageEditFields,
  imageGenerationFields,
  imageVariationFields,
  jsonImageEditFields,
} from './openai/image-fields.js';
import { inputTokensFields, responsesFields } from './openai/responses-fields.js';
import {
  conversationCreateFields,
  conversationItemsFields,
  conversationUpdateFields,
  embeddingsFields,
  moderationsFields,
  speechFields,
} from './openai/small-fields.js';

/** The fields of requests to a model, by the id of the operation. */
export const modelFieldTables = {
  'openai.chat/completions': chatFields,
  'openai.completions': completionsFields,
  'openai.responses': responsesFields,
  'openai.responses/input_tokens': inputTokensFields,
  'openai.moderations': moderationsFields,
  'openai.embeddings': embeddingsFields,
  'openai.images/generations': imageGenerationFields,
  'openai.images/edits': imageEditFields,
  'openai.images/edits.json': jsonImageEditFields,
  'openai.images/variations': imageVariationFields,
  'openai.audio/speech': speechFields,
  'anthropic.messages': messagesFields,
  'anthropic.messages/count_tokens': messageTokensFields,
  'google.generateContent': generateContentFields,
  'google.streamGenerateContent': generateContentFields,
  'google.countTokens': countTokensFields,
  'google.embedContent': embedContentFields,
  'google.batchEmbedContents': batchEmbedContentsFields,
} satisfies Readonly<Record<BodyOperationId, FieldTable>>;

/** The fields of requests that change what a vendor stores. They cost nothing. */
export const stateFieldTables = {
  'openai.responses.cancel': {},
  'openai.conversations.create': conversationCreateFields,
  'openai.conversations.update': conversationUpdateFields,
  'openai.conversations.items.create': conversationItemsFields,
} satisfies Readonly<Record<Exclude<FieldedOperationId, BodyOperationId>, FieldTable>>;

/**
 * The only field table of each operation with a body. The strict reader, the estimate and the request schemas in
 * `openapi/` are derived from it.
 */
export const fieldTables: Readonly<Record<FieldedOperationId, FieldTable>> = {
  ...modelFieldTables,
  ...stateFieldTables,
};

export type ModelOperationId = keyof typeof modelFieldTables;

/** A body as the estimate of an operation reads it. */
export type PricedBodyOf<Id extends ModelOperationId> = PricedBody<(typeof modelFieldTables)[Id]>;
