import { readSqlState } from './sql-state.js';

/**
 * Whether the database has refused the content of a statement: data exceptions and violated constraints (PostgreSQL,
 * appendix A). The statement had no effect and would fail again. A batch succeeds without the item that caused the
 * error.
 */
export function isStatementRefused(error: unknown): boolean {
  return /^2[23]/.test(readSqlState(error) ?? '');
}
