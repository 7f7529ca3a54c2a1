import { isJsonObject } from '@aipassport/policy';
import { JsonPart } from './json-part.js';
import type { AnswerMeter, AnswerText } from './meter.js';
import type { OperationMetering } from './operation-metering.js';
import { parseAnswer, parseJsonObject } from './parse-json.js';
import { readAnswerUsage } from './read-answer.js';

/**
 * The size of the largest answer that is kept whole. Most answers are smaller. If an answer is larger, such as
 * embeddings or pictures, only the members that report usage are kept (see `JsonSkeleton`).
 */
const maxAnswerBytes = 1_048_576;
const nothing = Buffer.alloc(0);

/** Meters an answer that is one JSON object. It is passed on as it arrives, and read when it is complete. */
export function meterJson(metering: OperationMetering | undefined): AnswerMeter {
  const answer = new JsonPart(maxAnswerBytes);
  let text: AnswerText | undefined;
  return {
    feed: (chunk) => {
      answer.add(chunk);
      return chunk;
    },
    end: () => nothing,
    readUsage: () => {
      const kept = answer.take();
      if (kept.kind === 'lost') return { trusted: false, problem: 'answer_too_large' };
      const parsed = kept.kind === 'whole' ? parseAnswer(kept.json) : parseJsonObject(kept.json);
      text = parsed && { textBytes: metering?.countText(parsed) ?? 0, hasFailed: isJsonObject(parsed.error) };
      return readAnswerUsage(metering, parsed);
    },
    readText: () => text,
  };
}
