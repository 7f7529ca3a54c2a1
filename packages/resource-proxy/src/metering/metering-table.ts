import { type CountedOperationId, isCountedOperation, type OperationId, type UsageReport } from '@aipassport/policy';
import { anthropicMetering } from './anthropic/metering.js';
import { googleMetering } from './google/metering.js';
import { openaiMetering } from './openai/metering.js';
import { reportedBy } from './openai/usage-reports.js';
import { free, type OperationMetering } from './operation-metering.js';

/**
 * The metering of every counted operation. The compiler reports an operation that is missing from the table of its
 * dialect.
 */
const meteringTable: Readonly<Record<CountedOperationId, OperationMetering>> = {
  ...openaiMetering,
  ...anthropicMetering,
  ...googleMetering,
};

/**
 * @param report the form of the vendor's usage reports, for chats of a vendor whose reports differ from OpenAI's
 * @returns undefined for an operation that is not metered
 */
export function findMetering(operationId: OperationId, report?: UsageReport): OperationMetering | undefined {
  const metering = isCountedOperation(operationId) ? meteringTable[operationId] : undefined;
  return metering === undefined || report === undefined ? metering : reportedBy(metering, report);
}

/** Whether the vendor bills no request of this operation. */
export function isFree(operationId: OperationId): boolean {
  return findMetering(operationId) === free;
}
