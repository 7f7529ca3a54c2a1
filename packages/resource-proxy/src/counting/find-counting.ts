import type { Operation, UpstreamCatalogue } from '@aipassport/policy';

/** Finds the operation of an upstream that counts the input tokens of another operation, free of charge. */
export function findCounting(
  { operations }: UpstreamCatalogue,
  { countedBy, upstream }: Operation,
): Operation | undefined {
  return operations.find((operation) => operation.form === countedBy && operation.upstream === upstream);
}
