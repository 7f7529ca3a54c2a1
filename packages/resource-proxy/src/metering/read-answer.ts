import {
  type CountedOperationId,
  isCountedOperation,
  type JsonObject,
  type OperationId,
  type Usage,
} from '@aipassport/policy';
import { countCodeSessions, countWebSearches, readMessageUsage } from './anthropic/read-usage.js';
import { countGroundedPrompt, readAnsweringModel, readContentUsage, readEmbeddingUsage } from './google/read-usage.js';
import { readTranscriptUsage } from './openai/read-audio-usage.js';
import {
  countToolCalls,
  readChatUsage,
  readCompletionUsage,
  readEmbeddingsUsage,
  readImagesUsage,
  readResponseUsage,
} from './openai/read-usage.js';
import { refuseUsage, tryReading, type UsageReading } from './usage-reading.js';

type AnswerReader = (answer: JsonObject) => Usage;

/** Reads the usage of a message, and of the tools that the vendor ran for it. */
export function readMessage(message: JsonObject): Usage {
  const blocks = list(message.content);
  return withTools(readMessageUsage(message), { ...countCodeSessions(blocks), ...countWebSearches(blocks) });
}

/** Reads the usage of a response and of its tool calls. */
export function readResponse(response: JsonObject): Usage {
  return withTools(readResponseUsage(response), countToolCalls(list(response.output)));
}

/** Reads the usage of generated content and of the searches that it is grounded on. */
export function readContent(answer: JsonObject): Usage {
  return withTools(readContentUsage(answer), countGroundedPrompt(answer));
}

/** Runs of tools are reported in the usage, in the answer, or in both. The larger number counts. */
export function withTools(usage: Usage, seen: Usage): Usage {
  const webSearches = Math.max(usage.webSearches ?? 0, seen.webSearches ?? 0);
  const codeSessions = Math.max(usage.codeSessions ?? 0, seen.codeSessions ?? 0);
  return { ...usage, ...(webSearches > 0 && { webSearches }), ...(codeSessions > 0 && { codeSessions }) };
}

const nothing: AnswerReader = () => ({});

/** undefined for an operation whose answers are not JSON objects. */
const readers = {
  'openai.chat/completions': readChatUsage,
  'openai.completions': readCompletionUsage,
  'openai.responses': readResponse,
  'openai.responses/input_tokens': nothing,
  'openai.moderations': nothing,
  'openai.embeddings': readEmbeddingsUsage,
  'openai.images/generations': readImagesUsage,
  'openai.images/edits': readImagesUsage,
  'openai.images/edits.json': readImagesUsage,
  'openai.images/variations': readImagesUsage,
  'openai.audio/speech': undefined,
  'openai.audio/transcriptions': readTranscriptUsage,
  'openai.audio/translations': readTranscriptUsage,
  'anthropic.messages': readMessage,
  'anthropic.messages/count_tokens': nothing,
  'google.generateContent': readContent,
  'google.streamGenerateContent': undefined,
  'google.countTokens': nothing,
  'google.embedContent': readEmbeddingUsage,
  'google.batchEmbedContents': readEmbeddingUsage,
} satisfies Readonly<Record<CountedOperationId, AnswerReader | undefined>>;

/** Reads the usage of a request from its answer, if the answer is one JSON object. */
export function readAnswerUsage(operationId: OperationId, answer: JsonObject | undefined): UsageReading {
  const read: AnswerReader | undefined = isCountedOperation(operationId) ? readers[operationId] : undefined;
  if (read === undefined || answer === undefined) return { trusted: false, problem: 'usage_missing' };
  const reading = tryReading(() => read(answer), answer);
  const answeredBy = operationId === 'google.generateContent' ? readAnsweringModel(answer) : undefined;
  return reading.trusted && answeredBy !== undefined ? { ...reading, answeredBy } : reading;
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : refuseUsage('usage_malformed');
}
