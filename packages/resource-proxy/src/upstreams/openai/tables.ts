import { oneOf, onlyDefault, pricedFor, type RequestTable, whole, words } from '../request-table.js';
import { chatTable } from './chat-table.js';
import { responsesTable } from './responses-table.js';
import { flag } from './shared-fields.js';
import { speechTable } from './speech-table.js';

const embeddings: RequestTable = {
  passed: words('model input user'),
  judged: { dimensions: whole(1, 100_000), encoding_format: oneOf('float', 'base64') },
};

const imageGenerations: RequestTable = {
  passed: words('model prompt size style background moderation response_format user safety_identifier'),
  judged: {
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
  },
};

/** By operation id. */
export const openaiTables: Readonly<Record<string, RequestTable>> = {
  'openai.chat/completions': chatTable,
  'openai.responses': responsesTable,
  'openai.embeddings': embeddings,
  'openai.images/generations': imageGenerations,
  'openai.audio/speech': speechTable,
};
