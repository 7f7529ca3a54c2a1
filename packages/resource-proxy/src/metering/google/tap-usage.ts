import { isJsonObject, type JsonObject, type Usage } from '@aipassport/policy';
import { parseJsonObject } from '../parse-json.js';
import { tryReading, type UsageReading } from '../usage-reading.js';
import type { UsageTap } from '../usage-tap.js';
import { countGroundedPrompt, readAnsweringModel, readContentTier, readContentUsage } from './read-usage.js';

const finishKeys = ['"finishReason"', '"promptFeedback"'].map((key) => Buffer.from(key));
const groundingKey = Buffer.from('"groundingMetadata"');

const missing: UsageReading = { trusted: false, problem: 'usage_missing' };

/**
 * Reads the usage of streamed content. Each chunk of the stream (here: part) reports the usage since the beginning of
 * the answer. So the usage is read from the first chunk with `promptFeedback`, or with a `finishReason` of a candidate
 * (one of the alternative answers), and again from each later chunk.
 */
export function tapContent(): UsageTap {
  let reading: UsageReading = { trusted: false, problem: 'answer_cut_off' };
  let isFinished = false;
  let searches: Usage = {};
  let lastPart: Buffer | undefined;
  let answeredBy: string | undefined;
  const readPart = (json: Buffer): void => {
    lastPart = json;
    const mayFinish = isFinished || finishKeys.some((key) => json.includes(key));
    if (!mayFinish && !json.includes(groundingKey)) return;
    const part = parseJsonObject(json);
    if (part === undefined) return;
    searches = { ...searches, ...countGroundedPrompt(part) };
    answeredBy = readAnsweringModel(part) ?? answeredBy;
    isFinished ||= isFinal(part);
    if (isFinished) reading = tryReading(() => readContentUsage(part), readContentTier(part));
  };
  return {
    readPart,
    readLarge: (skeleton) => {
      if (skeleton !== undefined) readPart(skeleton);
      else reading = { trusted: false, problem: 'answer_too_large' };
    },
    readSoFar: () => {
      const part = lastPart && parseJsonObject(lastPart);
      return part === undefined ? missing : tryReading(() => readContentUsage(part));
    },
    finish: () => {
      if (!reading.trusted) return reading;
      const usage = { ...reading.usage, ...searches };
      return { ...reading, usage, ...(answeredBy !== undefined && { answeredBy }) };
    },
  };
}

function isFinal({ candidates, promptFeedback }: JsonObject): boolean {
  if (isJsonObject(promptFeedback)) return true;
  return (
    Array.isArray(candidates) &&
    candidates.some((candidate) => isJsonObject(candidate) && Boolean(candidate.finishReason))
  );
}
