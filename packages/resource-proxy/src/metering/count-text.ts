import {
  type CountedOperationId,
  isCountedOperation,
  isJsonObject,
  type JsonObject,
  type OperationId,
} from '@aipassport/policy';

type TextReader = (answer: JsonObject) => number;

/** For operations whose answers contain no text or are not JSON objects. */
const none: TextReader = () => 0;

const readers = {
  'openai.chat/completions': ({ choices }) =>
    sumOf(choices, ({ message }) => (isJsonObject(message) ? sizeOf(message.content) + sizeOf(message.refusal) : 0)),
  'openai.completions': ({ choices }) => sumOf(choices, ({ text }) => sizeOf(text)),
  'openai.responses/input_tokens': none,
  'openai.moderations': none,
  'openai.embeddings': none,
  'openai.images/generations': none,
  'openai.images/edits': none,
  'openai.images/edits.json': none,
  'openai.images/variations': none,
  'openai.audio/speech': none,
  'openai.responses': ({ output }) =>
    sumOf(output, ({ content, arguments: input }) => sumOf(content, ({ text }) => sizeOf(text)) + sizeOf(input)),
  'openai.audio/transcriptions': ({ text }) => sizeOf(text),
  'openai.audio/translations': ({ text }) => sizeOf(text),
  'anthropic.messages': ({ content }) => sumOf(content, ({ text }) => sizeOf(text)),
  'anthropic.messages/count_tokens': none,
  'google.streamGenerateContent': none,
  'google.countTokens': none,
  'google.embedContent': none,
  'google.batchEmbedContents': none,
  'google.generateContent': ({ candidates }) =>
    sumOf(candidates, ({ content }) => (isJsonObject(content) ? sumOf(content.parts, ({ text }) => sizeOf(text)) : 0)),
} satisfies Readonly<Record<CountedOperationId, TextReader>>;

/** Counts the bytes of the text that a model has certainly written, in an answer that is one JSON object. */
export function countText(operationId: OperationId, answer: JsonObject): number {
  const read: TextReader = isCountedOperation(operationId) ? readers[operationId] : none;
  return read(answer);
}

function sumOf(list: unknown, size: (item: JsonObject) => number): number {
  if (!Array.isArray(list)) return 0;
  return list.reduce<number>((sum, item) => (isJsonObject(item) ? sum + size(item) : sum), 0);
}

function sizeOf(text: unknown): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : 0;
}
