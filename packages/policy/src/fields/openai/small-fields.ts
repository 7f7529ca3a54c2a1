import { type FieldTable, harmless, input, modelName, output, state } from '../field.js';
import { files, listOf, oneOf, whole } from '../field-rule.js';

/** https://platform.openai.com/docs/api-reference/embeddings/create */
export const embeddingsFields = {
  model: modelName,
  input: input('A text, several texts, or the ids of their tokens.'),
  user: harmless('Your identifier of an end user.'),
  dimensions: harmless('The number of dimensions of an embedding.', whole(1, 100_000)),
  encoding_format: harmless('The encoding of the numbers.', oneOf('float', 'base64')),
} satisfies FieldTable;

/** https://platform.openai.com/docs/api-reference/moderations/create. The operation costs nothing. */
export const moderationsFields = {
  model: harmless('The model. By default `omni-moderation-latest`.', { rule: 'model' }),
  input: harmless('The texts and pictures to check.'),
} satisfies FieldTable;

/** https://platform.openai.com/docs/api-reference/audio/createSpeech */
export const speechFields = {
  model: modelName,
  input: input('The text to speak.'),
  instructions: input('How to speak the text.'),
  speed: output('How fast the text is spoken. Slower speech is longer.'),
  voice: state('The name of one of the provider’s voices.'),
  response_format: harmless('The format of the recording.'),
  stream_format: harmless('The format in which the recording is streamed.'),
} satisfies FieldTable;

/** https://platform.openai.com/docs/api-reference/conversations */
export const conversationCreateFields = {
  items: state('The items of the conversation.', listOf(20)),
  metadata: harmless('Your own notes about the conversation.'),
} satisfies FieldTable;

export const conversationUpdateFields = {
  metadata: conversationCreateFields.metadata,
} satisfies FieldTable;

export const conversationItemsFields = {
  items: conversationCreateFields.items,
} satisfies FieldTable;

/**
 * The form of an upload. OpenAI deletes the file after at most 30 days, because the proxy always sets an expiration.
 * https://platform.openai.com/docs/api-reference/files/create
 */
export const fileUploadFields = {
  file: { ...state('The file.', files(1)), isRequired: true },
  purpose: state('What the file is for.', oneOf('user_data', 'vision')),
  'expires_after[anchor]': harmless('The time from which the seconds count.', oneOf('created_at')),
  'expires_after[seconds]': harmless(
    'After this time the provider deletes the file. By default 30 days.',
    whole(3_600, 2_592_000),
  ),
} satisfies FieldTable;
