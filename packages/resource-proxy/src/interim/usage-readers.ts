import type { Usage } from '@aipassport/policy';
import { readMessagesUsage } from './anthropic-usage.js';
import { readContentUsage } from './google-usage.js';
import {
  readChatUsage,
  readEmbeddingsUsage,
  readImagesUsage,
  readResponsesUsage,
  readTranscriptionUsage,
} from './openai-usage.js';

/** Reads the usage out of a whole answer. */
export type UsageReader = (answer: unknown) => Usage | undefined;

/** Counts tokens, and costs nothing. */
const free: UsageReader = () => ({});

/** By operation id. An operation without one says nothing of its usage, and is charged as estimated. */
export const usageReaders: Readonly<Record<string, UsageReader>> = {
  'openai.chat/completions': readChatUsage,
  'openai.responses': readResponsesUsage,
  'openai.embeddings': readEmbeddingsUsage,
  'openai.images/generations': readImagesUsage,
  'openai.audio/transcriptions': readTranscriptionUsage,
  'anthropic.messages': readMessagesUsage,
  'anthropic.messages/count_tokens': free,
  'google.generateContent': readContentUsage,
  'google.streamGenerateContent': (answer) => readContentUsage(Array.isArray(answer) ? answer.at(-1) : answer),
  'google.countTokens': free,
  'google.embedContent': readContentUsage,
  'google.batchEmbedContents': readContentUsage,
};
