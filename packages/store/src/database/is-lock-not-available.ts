import { isError } from '@aipassport/contracts';

/** Whether a statement gave up waiting for a lock (SQLSTATE 55P03). */
export function isLockNotAvailable(error: unknown): boolean {
  return isError(error) && 'code' in error && error.code === '55P03';
}
