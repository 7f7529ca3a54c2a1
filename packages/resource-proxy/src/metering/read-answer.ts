import type { JsonObject } from '@aipassport/policy';
import type { OperationMetering } from './operation-metering.js';
import { tryReading, type UsageReading } from './usage-reading.js';

/** Reads the usage of a request from its answer, if the answer is one JSON object. */
export function readAnswerUsage(
  metering: Pick<OperationMetering, 'readUsage' | 'readProcessing'> | undefined,
  answer: JsonObject | undefined,
): UsageReading {
  const { readUsage, readProcessing } = metering ?? {};
  if (readUsage === undefined || answer === undefined) return { trusted: false, problem: 'usage_missing' };
  return tryReading(() => readUsage(answer), readProcessing?.(answer));
}
