import type { JsonObject, Usage } from '@aipassport/policy';
import { countCodeSessions, readMessageUsage } from './read-anthropic-usage.js';
import { countGroundedPrompt, readAnsweringModel, readContentUsage, readEmbeddingUsage } from './read-google-usage.js';
import { readTranscriptUsage } from './read-openai-audio-usage.js';
import {
  countToolCalls,
  readChatUsage,
  readEmbeddingsUsage,
  readImagesUsage,
  readResponseUsage,
} from './read-openai-usage.js';
import { refuseUsage, tryReading, type UsageReading } from './usage-reading.js';

type AnswerReader = (answer: JsonObject) => Usage;

/** A message and the code that was run for it. */
export function readMessage(message: JsonObject): Usage {
  return { ...readMessageUsage(message), ...countCodeSessions(list(message.content)) };
}

/** A response and the calls of its tools. */
export function readResponse(response: JsonObject): Usage {
  return { ...readResponseUsage(response), ...countToolCalls(list(response.output)) };
}

/** Generated content and the searches that it is grounded on. */
export function readContent(answer: JsonObject): Usage {
  return { ...readContentUsage(answer), ...countGroundedPrompt(answer) };
}

const nothing: AnswerReader = () => ({});

const readers: Readonly<Record<string, AnswerReader>> = {
  'openai.chat/completions': readChatUsage,
  'openai.responses': readResponse,
  'openai.embeddings': readEmbeddingsUsage,
  'openai.images/generations': readImagesUsage,
  'openai.audio/transcriptions': readTranscriptUsage,
  'anthropic.messages': readMessage,
  'anthropic.messages/count_tokens': nothing,
  'google.generateContent': readContent,
  'google.countTokens': nothing,
  'google.embedContent': readEmbeddingUsage,
  'google.batchEmbedContents': readEmbeddingUsage,
};

/** Reads what a request used out of its answer, when that is one JSON object. */
export function readAnswerUsage(operationId: string, answer: JsonObject | undefined): UsageReading {
  const read = readers[operationId];
  if (read === undefined || answer === undefined) return { trusted: false, problem: 'usage_missing' };
  const reading = tryReading(() => read(answer));
  const answeredBy = operationId === 'google.generateContent' ? readAnsweringModel(answer) : undefined;
  return reading.trusted && answeredBy !== undefined ? { ...reading, answeredBy } : reading;
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : refuseUsage('usage_malformed');
}
