import type { Operation, UpstreamCatalogue } from '@aipassport/policy';

/** Finds the free operation of an upstream that counts the input tokens of another operation. */
export function findCounting(
  { operations }: UpstreamCatalogue,
  { countedBy, upstream }: Operation,
): Operation | undefined {
  return operations.find((operation) => operation.form === countedBy && operation.upstream === upstream);
}
