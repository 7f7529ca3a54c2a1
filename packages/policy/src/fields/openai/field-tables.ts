import type {
  BodyOperationId,
  FieldedOperationId,
  OperationIn,
  OperationOfKind,
} from '../../operations/dialect-operations.js';
import type { FieldTable } from '../field.js';
import { chatFields } from './chat-fields.js';
import { completionsFields } from './completions-fields.js';
import { imageEditFields, imageGenerationFields, imageVariationFields, jsonImageEditFields } from './image-fields.js';
import { inputTokensFields, responsesFields } from './responses-fields.js';
import {
  conversationCreateFields,
  conversationItemsFields,
  conversationUpdateFields,
  embeddingsFields,
  fileUploadFields,
  moderationsFields,
  speechFields,
} from './small-fields.js';
import { transcriptionFields } from './transcription-fields.js';

export const openaiFields = {
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
} satisfies Readonly<Record<OperationIn<'openai', BodyOperationId>, FieldTable>>;

/** The fields of forms that are forwarded while they are being received. */
export const openaiUploadFields = {
  'openai.audio/transcriptions': transcriptionFields,
  'openai.audio/translations': transcriptionFields,
} satisfies Readonly<Record<OperationIn<'openai', OperationOfKind<'upload'>>, FieldTable>>;

export const openaiStateFields = {
  'openai.responses.cancel': {},
  'openai.files.create': fileUploadFields,
  'openai.conversations.create': conversationCreateFields,
  'openai.conversations.update': conversationUpdateFields,
  'openai.conversations.items.create': conversationItemsFields,
} satisfies Partial<Readonly<Record<FieldedOperationId, FieldTable>>>;
