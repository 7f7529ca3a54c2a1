import { isJsonObject, type JsonObject } from '@aipassport/policy';

type TextReader = (answer: JsonObject) => number;

const readers: Readonly<Record<string, TextReader>> = {
  'openai.chat/completions': ({ choices }) =>
    sumOf(choices, ({ message }) => (isJsonObject(message) ? sizeOf(message.content) + sizeOf(message.refusal) : 0)),
  'openai.completions': ({ choices }) => sumOf(choices, ({ text }) => sizeOf(text)),
  'openai.responses': ({ output }) =>
    sumOf(output, ({ content, arguments: input }) => sumOf(content, ({ text }) => sizeOf(text)) + sizeOf(input)),
  'openai.audio/transcriptions': ({ text }) => sizeOf(text),
  'openai.audio/translations': ({ text }) => sizeOf(text),
  'anthropic.messages': ({ content }) => sumOf(content, ({ text }) => sizeOf(text)),
  'google.generateContent': ({ candidates }) =>
    sumOf(candidates, ({ content }) => (isJsonObject(content) ? sumOf(content.parts, ({ text }) => sizeOf(text)) : 0)),
};

/** The bytes of the text that a model has written, in an answer that is one JSON object: the least that there is. */
export function countText(operationId: string, answer: JsonObject): number {
  return readers[operationId]?.(answer) ?? 0;
}

function sumOf(list: unknown, size: (item: JsonObject) => number): number {
  if (!Array.isArray(list)) return 0;
  return list.reduce<number>((sum, item) => (isJsonObject(item) ? sum + size(item) : sum), 0);
}

function sizeOf(text: unknown): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : 0;
}
