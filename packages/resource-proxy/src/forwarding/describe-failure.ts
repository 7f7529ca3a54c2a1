import { isError } from '@aipassport/contracts';
import { errors } from 'undici';
import { type Denial, Denied } from '../denials/denial.js';

/** The error codes of a machine that has no file descriptors left. They do not mean that the upstream has failed. */
const exhausted = new Set(['EMFILE', 'ENFILE']);

/** Describes an error on the way to an upstream or in its answer. */
export function describeFailure(error: unknown): Denial {
  if (error instanceof Denied) return error.denial;
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return { reason: 'upstream_timeout' };
  }
  if (!isError(error)) return { reason: 'upstream_failed', detail: typeof error };
  const detail = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return exhausted.has(detail) ? { reason: 'overloaded' } : { reason: 'upstream_failed', detail };
}
