import { isError } from '@aipassport/contracts';

/**
 * Whether the database has refused what a statement says: data exceptions and violated constraints (PostgreSQL, appendix
 * A). It has done nothing of it, and the same statement would fail for ever; without the item that it is about, a batch passes.
 */
export function isStatementRefused(error: unknown): boolean {
  return isError(error) && 'code' in error && /^2[23]/.test(String(error.code));
}
