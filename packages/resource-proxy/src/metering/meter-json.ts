import { isJsonObject } from '@aipassport/policy';
import { BoundedBytes } from './bounded-bytes.js';
import { countText } from './count-text.js';
import type { AnswerMeter, AnswerText } from './meter.js';
import { parseAnswer, parseTrailingUsage } from './parse-json.js';
import { readAnswerUsage } from './read-answer.js';

/** Longer than any conversation's answer; of larger ones, such as embeddings and pictures, the end is enough. */
const maxAnswerBytes = 4_194_304;
const nothing = Buffer.alloc(0);

/** Meters an answer that is one JSON object: it passes as it comes, and is looked at when it is whole. */
export function meterJson(operationId: string): AnswerMeter {
  const answer = new BoundedBytes(maxAnswerBytes);
  let text: AnswerText | undefined;
  return {
    feed: (chunk) => {
      answer.add(chunk);
      return chunk;
    },
    end: () => nothing,
    readUsage: () => {
      const { isWhole } = answer;
      const bytes = answer.take();
      const parsed = isWhole ? parseAnswer(bytes) : parseTrailingUsage(bytes);
      text = parsed && { textBytes: countText(operationId, parsed), hasFailed: isJsonObject(parsed.error) };
      if (parsed === undefined && !isWhole) return { trusted: false, problem: 'answer_too_large' };
      return readAnswerUsage(operationId, parsed);
    },
    readText: () => text,
  };
}
