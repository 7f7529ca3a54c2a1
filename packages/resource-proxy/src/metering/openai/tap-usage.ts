import {
  isJsonObject,
  type JsonObject,
  type Processing,
  partialImageTokens,
  totalInputTokens,
  totalOutputTokens,
  type Usage,
} from '@aipassport/policy';
import { parseJsonObject } from '../parse-json.js';
import { withTools } from '../tool-usage.js';
import { tryReading, type UsageReading } from '../usage-reading.js';
import type { UsageTap } from '../usage-tap.js';
import { countToolCalls, readResponse, readTier } from './read-usage.js';

const usageKey = Buffer.from('"usage"');
const noUsage = Buffer.from('"usage":null');

/**
 * A quick check before an event is parsed. Quotes within a JSON string are escaped, so text in an answer that mentions
 * usage is not matched. Most events have no usage yet and say so with one `"usage":null`.
 */
function holdsUsage(json: Buffer): boolean {
  const first = json.indexOf(usageKey);
  if (first === -1) return false;
  const isNull = json.subarray(first, first + noUsage.length).equals(noUsage);
  return !isNull || json.indexOf(usageKey, first + noUsage.length) !== -1;
}

const missing: UsageReading = { trusted: false, problem: 'usage_missing' };
const contradictory: UsageReading = { trusted: false, problem: 'usage_contradictory' };

/**
 * Reads the usage of streams that report it in one of the last events: chat completions, speech, transcripts. Some
 * servers report a growing usage in every event. From such a server the last report counts. If the usage shrinks, no
 * report of the stream is trusted.
 */
export function tapLastUsage(
  read: (event: JsonObject) => Usage,
  readProcessing: (event: JsonObject) => Processing = readTier,
): UsageTap {
  let reading = missing;
  const take = (event: JsonObject | undefined): void => {
    if (event === undefined || event.usage === null || event.usage === undefined) return;
    const next = tryReading(() => read(event), readProcessing(event));
    if (reading === contradictory) return;
    reading = reading.trusted && next.trusted && isLess(next.usage, reading.usage) ? contradictory : next;
  };
  const readPart = (json: Buffer): void => {
    if (holdsUsage(json)) take(parseJsonObject(json));
  };
  return {
    readPart,
    readLarge: (skeleton) => skeleton && readPart(skeleton),
    finish: () => reading,
    readSoFar: () => reading,
  };
}

function isLess(next: Usage, before: Usage): boolean {
  return totalInputTokens(next) < totalInputTokens(before) || totalOutputTokens(next) < totalOutputTokens(before);
}

const partialPicture = Buffer.from('.partial_image"');
const completedPicture = Buffer.from('.completed"');

/**
 * Reads the usage of streamed pictures. Each completed picture reports its own usage, including its partial pictures.
 * If one of these reports cannot be read, the sum would be too low, so the usage is not trusted.
 */
export function tapImages(read: (event: JsonObject) => Usage): UsageTap {
  const readings: UsageReading[] = [];
  let partials = 0;
  const take = (event: JsonObject | undefined): void => {
    if (event !== undefined && event.usage === undefined && !String(event.type).endsWith('.completed')) return;
    readings.push(event === undefined ? missing : tryReading(() => read(event), readTier(event)));
    partials = 0;
  };
  const readPart = (json: Buffer): void => {
    if (json.includes(partialPicture)) partials += 1;
    if (holdsUsage(json) || json.includes(completedPicture)) take(parseJsonObject(json));
  };
  return {
    readPart,
    readLarge: (skeleton) => {
      if (skeleton === undefined) readings.push({ trusted: false, problem: 'answer_too_large' });
      else readPart(skeleton);
    },
    finish: () => readings.reduce(add, undefined) ?? missing,
    readSoFar: () => {
      const shown: UsageReading = { trusted: true, usage: { outputImageTokens: partials * partialImageTokens } };
      return partials === 0 && readings.length > 0 ? readings.reduce(add) : [...readings, shown].reduce(add);
    },
  };
}

function add(sum: UsageReading | undefined, next: UsageReading): UsageReading {
  if (sum === undefined || !sum.trusted || !next.trusted) return sum?.trusted === false ? sum : next;
  const kinds = new Set([...Object.keys(sum.usage), ...Object.keys(next.usage)] as (keyof Usage)[]);
  const usage = Object.fromEntries([...kinds].map((kind) => [kind, (sum.usage[kind] ?? 0) + (next.usage[kind] ?? 0)]));
  // The cheaper tier counts only if everything was processed in it.
  return { trusted: true, usage, ...(sum.tier !== undefined && sum.tier === next.tier && { tier: sum.tier }) };
}

const finalEvents = ['response.completed', 'response.incomplete', 'response.failed'];
const finalNames = finalEvents.map((name) => Buffer.from(`"${name}"`));
const doneName = Buffer.from('"response.output_item.done"');
const toolNames = ['"web_search_call"', '"code_interpreter_call"'].map((name) => Buffer.from(name));

/**
 * Reads the usage of a streamed response. The last event repeats the whole response, with its usage and its tool calls.
 * If earlier events contain more tool calls, the larger number counts.
 */
export function tapResponse(): UsageTap {
  let reading: UsageReading = { trusted: false, problem: 'answer_cut_off' };
  const items: unknown[] = [];
  const readTool = (json: Buffer): void => {
    if (!json.includes(doneName) || !toolNames.some((name) => json.includes(name))) return;
    const event = parseJsonObject(json);
    if (event?.type === 'response.output_item.done') items.push(event.item);
  };
  const readPart = (json: Buffer): void => {
    readTool(json);
    if (!finalNames.some((name) => json.includes(name))) return;
    const event = parseJsonObject(json);
    // The names may occur elsewhere too, for instance in the description of a tool.
    if (event === undefined || !finalEvents.some((name) => name === event.type)) return;
    const { response } = event;
    reading = isJsonObject(response)
      ? tryReading(() => withTools(readResponse(response), countToolCalls(items)), readTier(response))
      : missing;
  };
  return {
    readPart,
    readLarge: (skeleton) => {
      if (skeleton !== undefined) readPart(skeleton);
      else if (!reading.trusted) reading = { trusted: false, problem: 'answer_too_large' };
    },
    finish: () => reading,
  };
}
