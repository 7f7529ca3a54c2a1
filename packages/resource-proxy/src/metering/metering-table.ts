import { type CountedOperationId, isCountedOperation, type OperationId } from '@aipassport/policy';
import { anthropicMetering } from './anthropic/metering.js';
import { googleMetering } from './google/metering.js';
import { openaiMetering } from './openai/metering.js';
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

/** @returns undefined for an operation that is not metered */
export function findMetering(operationId: OperationId): OperationMetering | undefined {
  return isCountedOperation(operationId) ? meteringTable[operationId] : undefined;
}

/** Whether the vendor bills no request of this operation. */
export function isFree(operationId: OperationId): boolean {
  return findMetering(operationId) === free;
}
