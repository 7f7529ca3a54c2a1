import { isJsonObject, type JsonObject } from '@aipassport/policy';
import { parseJsonObject } from '../parse-json.js';
import { tryReading, type UsageProblem, type UsageReading } from '../usage-reading.js';
import type { UsageTap } from '../usage-tap.js';
import { readMessage } from './read-usage.js';

/** Most events begin with these bytes. Events of this type never have usage. */
const textDelta = Buffer.from('{"type":"content_block_delta"');
const searched = ['"message_start"', '"message_delta"', '"server_tool_use"', '"web_search_tool_result_error"'].map(
  (key) => Buffer.from(key),
);

/**
 * Reads the usage of streamed messages. The first event counts the input. Events of type `message_delta` count the
 * output so far, and any growth of the input, for instance by searches.
 */
export function tapMessage(): UsageTap {
  let usage: JsonObject | undefined;
  const blocks: unknown[] = [];
  let problem: UsageProblem | undefined = 'answer_cut_off';
  let writtenTokens = 0;
  const takeDelta = (counts: unknown): void => {
    if (!isJsonObject(counts) || typeof counts.output_tokens !== 'number') {
      problem = 'usage_missing';
      return;
    }
    if (counts.output_tokens < writtenTokens || problem === 'usage_contradictory') {
      problem = 'usage_contradictory';
      return;
    }
    problem = undefined;
    writtenTokens = counts.output_tokens;
    usage = { ...usage, ...dropNull(counts) };
  };
  const take = (event: JsonObject): void => {
    switch (event.type) {
      case 'message_start':
        usage = isJsonObject(event.message) && isJsonObject(event.message.usage) ? event.message.usage : undefined;
        return;
      case 'message_delta':
        return takeDelta(event.usage);
      case 'content_block_start':
        blocks.push(event.content_block);
    }
  };
  const readPart = (json: Buffer): void => {
    // There may be a space after "data:".
    if (startsAt(json, textDelta, 0) || startsAt(json, textDelta, 1)) return;
    if (!searched.some((key) => json.includes(key))) return;
    const event = parseJsonObject(json);
    if (event !== undefined) take(event);
  };
  return {
    readPart,
    readLarge: (skeleton) => {
      if (skeleton !== undefined) readPart(skeleton);
      else if (problem === 'answer_cut_off') problem = 'answer_too_large';
    },
    finish: (): UsageReading =>
      problem === undefined ? tryReading(() => readMessage({ usage, content: blocks })) : { trusted: false, problem },
    readSoFar: () => tryReading(() => readMessage({ usage, content: blocks })),
  };
}

function startsAt(json: Buffer, begin: Buffer, at: number): boolean {
  return json.length >= at + begin.length && json.compare(begin, 0, begin.length, at, at + begin.length) === 0;
}

function dropNull(counts: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== null));
}
