import { isError } from '@aipassport/contracts';

/**
 * Whether the database has refused the content of a statement: data exceptions and violated constraints (PostgreSQL,
 * appendix A). The statement had no effect and would fail again. A batch succeeds without the item that caused the
 * error.
 */
export function isStatementRefused(error: unknown): boolean {
  return isError(error) && 'code' in error && /^2[23]/.test(String(error.code));
}
