import { isError } from '@aipassport/contracts';

/** A write in a read-only transaction. */
export const readOnly = '25006';

/**
 * @returns the SQLSTATE of an error of PostgreSQL (appendix A), or the code of an error of the connection; undefined
 * for other errors
 */
export function readSqlState(error: unknown): string | undefined {
  return isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a statement gave up waiting for a lock. */
export function isLockNotAvailable(error: unknown): boolean {
  return readSqlState(error) === '55P03';
}

/** Whether PostgreSQL ended the transaction to resolve a deadlock. */
export function isDeadlock(error: unknown): boolean {
  return readSqlState(error) === '40P01';
}

/** Whether the database, or a pooler in front of it, does not accept the password. */
export function isPasswordRefused(error: unknown): boolean {
  return /^(28...|08P01)$/.test(readSqlState(error) ?? '');
}

/** Whether the database refuses the login, or does not exist. */
export function isLoginRefused(error: unknown): boolean {
  return /^(28|3D)/.test(readSqlState(error) ?? '');
}
