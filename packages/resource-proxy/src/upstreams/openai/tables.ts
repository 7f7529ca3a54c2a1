import { each, members, oneOf, onlyDefault, pricedFor, type RequestTable, whole, words } from '../request-table.js';
import { chatTable } from './chat-table.js';
import { inputTokensTable, responsesTable } from './responses-table.js';
import { flag, outputTokens } from './shared-fields.js';
import { speechTable } from './speech-table.js';

const embeddings: RequestTable = {
  passed: words('model input user'),
  judged: { dimensions: whole(1, 100_000), encoding_format: oneOf('float', 'base64') },
};

/** https://platform.openai.com/docs/api-reference/completions/create */
const completions: RequestTable = {
  passed: words(
    'model prompt suffix echo logprobs user seed stop logit_bias',
    'temperature top_p presence_penalty frequency_penalty',
  ),
  judged: {
    stream: flag,
    stream_options: members('', { include_usage: flag, include_obfuscation: flag }),
    max_tokens: outputTokens,
    n: whole(1, 128),
    best_of: whole(1, 20),
  },
};

const moderations: RequestTable = { passed: words('model input') };

const pictures: NonNullable<RequestTable['judged']> = {
  stream: flag,
  n: whole(1, 10),
  partial_images: whole(0, 3),
  output_compression: whole(0, 100),
  // Others have more tokens than is known, or are drawn by a second model, or frame by frame.
  quality: pricedFor('auto', 'low', 'medium', 'high', 'standard', 'hd'),
  output_format: pricedFor('png', 'jpeg', 'webp'),
  complexity: onlyDefault(),
  svg: onlyDefault(),
  frame_count: onlyDefault(),
  frame_duration_ms: onlyDefault(),
};

const imageGenerations: RequestTable = {
  passed: words('model prompt size style background moderation response_format user safety_identifier'),
  judged: pictures,
};

/** The fields of its form. Which of them are files is known to `readForm`. */
const imageEdits: RequestTable = {
  passed: words('image mask markup', 'model prompt size background moderation response_format user safety_identifier'),
  judged: { ...pictures, input_fidelity: pricedFor('low', 'high') },
};

/** The legacy form that makes others of one picture, without a prompt. */
const imageVariations: RequestTable = {
  passed: words('image model response_format size user'),
  judged: { n: whole(1, 10) },
};

const pictureReference = 'image_url file_id';

/** The same as JSON. `visit` judges where its pictures are. */
const jsonImageEdits: RequestTable = {
  passed: words('model prompt size background moderation response_format user safety_identifier'),
  judged: {
    ...imageEdits.judged,
    images: each({ passed: words(pictureReference) }),
    mask: members(pictureReference),
  },
};

/** By operation id. */
export const openaiTables: Readonly<Record<string, RequestTable>> = {
  'openai.chat/completions': chatTable,
  'openai.completions': completions,
  'openai.responses': responsesTable,
  'openai.responses/input_tokens': inputTokensTable,
  'openai.moderations': moderations,
  'openai.conversations.create': { passed: words('items metadata') },
  'openai.conversations.update': { passed: words('metadata') },
  'openai.conversations.items.create': { passed: words('items') },
  'openai.embeddings': embeddings,
  'openai.images/generations': imageGenerations,
  'openai.images/edits': imageEdits,
  'openai.images/edits.json': jsonImageEdits,
  'openai.images/variations': imageVariations,
  'openai.audio/speech': speechTable,
};
