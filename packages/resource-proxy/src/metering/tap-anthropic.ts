import { isJsonObject, type JsonObject } from '@aipassport/policy';
import { parseJsonObject } from './parse-json.js';
import { readMessage } from './read-answer.js';
import { tryReading, type UsageReading } from './usage-reading.js';
import type { UsageTap } from './usage-tap.js';

/** How by far the most events begin, and none with usage. */
const textDelta = Buffer.from('{"type":"content_block_delta"');
const searched = ['"message_start"', '"message_delta"', '"server_tool_use"'].map((key) => Buffer.from(key));

/**
 * For messages: the first event has what went in, those of type `message_delta` have what came out so far, and
 * whatever of the input has grown since, by searching for instance.
 */
export function tapMessage(): UsageTap {
  let usage: JsonObject | undefined;
  const blocks: unknown[] = [];
  let isFinal = false;
  let isTooLarge = false;
  const take = (event: JsonObject): void => {
    switch (event.type) {
      case 'message_start':
        usage = isJsonObject(event.message) && isJsonObject(event.message.usage) ? event.message.usage : undefined;
        return;
      case 'message_delta':
        isFinal = true;
        if (isJsonObject(event.usage)) usage = { ...usage, ...dropNull(event.usage) };
        // Without what came out, what went in says nothing.
        else usage = undefined;
        return;
      case 'content_block_start':
        blocks.push(event.content_block);
    }
  };
  return {
    readPart: (json) => {
      // After "data:" there may be a space.
      if (
        json.subarray(0, textDelta.length).equals(textDelta) ||
        json.subarray(1, textDelta.length + 1).equals(textDelta)
      )
        return;
      if (!searched.some((key) => json.includes(key))) return;
      const event = parseJsonObject(json);
      if (event !== undefined) take(event);
    },
    readTail: () => {
      isTooLarge = true;
    },
    finish: (): UsageReading => {
      if (!isFinal) return { trusted: false, problem: isTooLarge ? 'answer_too_large' : 'answer_cut_off' };
      return tryReading(() => readMessage({ usage, content: blocks }));
    },
    readSoFar: () => tryReading(() => readMessage({ usage, content: blocks })),
  };
}

function dropNull(counts: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== null));
}
