import type { Usage } from '@aipassport/policy';
import { readMessagesUsage } from './anthropic-usage.js';
import { list, member } from './counts.js';
import { isGrounded, readContentUsage } from './google-usage.js';
import { readChatUsage, readResponsesUsage, readTranscriptionUsage } from './openai-usage.js';

/** Reads the usage out of a stream's events, of which it is shown those that hold `marker`. */
export interface EventReader {
  /** What an event holds that matters here. Its quotes are not escaped, so it cannot stand inside a text. */
  readonly marker: string;
  readonly read: (event: unknown) => void;
  /** @returns undefined until the last word on it was said */
  readonly readUsage: () => Usage | undefined;
}

/** The usage comes in a chunk of its own, the last one, without choices. */
function createChatReader(): EventReader {
  let usage: Usage | undefined;
  return {
    marker: '"usage"',
    read: (event) => {
      if (isUsageChunk(event)) usage = readChatUsage(event);
    },
    readUsage: () => usage,
  };
}

export function isUsageChunk(event: unknown): boolean {
  const choices = member(event, 'choices');
  return Array.isArray(choices) && choices.length === 0 && isObject(member(event, 'usage'));
}

const lastResponseEvents = ['response.completed', 'response.incomplete', 'response.failed'];

function createResponsesReader(): EventReader {
  let usage: Usage | undefined;
  return {
    marker: '"usage"',
    read: (event) => {
      if (lastResponseEvents.includes(String(member(event, 'type'))))
        usage = readResponsesUsage(member(event, 'response'));
    },
    readUsage: () => usage,
  };
}

function createTranscriptionReader(): EventReader {
  let usage: Usage | undefined;
  return {
    marker: '"usage"',
    read: (event) => {
      if (member(event, 'type') === 'transcript.text.done') usage = readTranscriptionUsage(event);
    },
    readUsage: () => usage,
  };
}

/** The input is told at the start, the output cumulatively at the end, with why it ended. */
function createMessagesReader(): EventReader {
  let start: unknown;
  let end: unknown;
  return {
    marker: '"usage"',
    read: (event) => {
      if (member(event, 'type') === 'message_start') start = member(event, 'message');
      if (member(event, 'type') !== 'message_delta') return;
      const hasEnded = member(member(event, 'delta'), 'stop_reason') !== null;
      end = hasEnded ? member(event, 'usage') : undefined;
    },
    readUsage: () => {
      const first = member(start, 'usage');
      return isObject(first) && isObject(end)
        ? readMessagesUsage({ usage: { ...first, ...withoutNull(end) } })
        : undefined;
    },
  };
}

/** Every piece tells what was used so far; the last one has the reason why the answer ended. */
function createContentReader(): EventReader {
  let last: unknown;
  let hasSearched = false;
  return {
    marker: '"usageMetadata"',
    read: (event) => {
      last = event;
      hasSearched ||= isGrounded(event);
    },
    readUsage: () => {
      const hasEnded = list(member(last, 'candidates')).some(
        (candidate) => member(candidate, 'finishReason') !== undefined,
      );
      const usage = hasEnded ? readContentUsage(last) : undefined;
      return usage && { ...usage, webSearches: hasSearched ? 1 : 0 };
    },
  };
}

/** By operation id. */
export const eventReaders: Readonly<Record<string, () => EventReader>> = {
  'openai.chat/completions': createChatReader,
  'openai.responses': createResponsesReader,
  'openai.audio/transcriptions': createTranscriptionReader,
  'anthropic.messages': createMessagesReader,
  'google.streamGenerateContent': createContentReader,
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutNull(holder: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(holder).filter(([, value]) => value !== null));
}
