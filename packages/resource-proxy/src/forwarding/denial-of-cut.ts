import type { Denial } from '../denials/denial.js';
import type { CutReason } from '../revocation/live-requests.js';

/**
 * Finds the denial for a request that was ended before its answer was complete. If nothing was passed on yet, the
 * denial becomes the answer. If a part of a stream was passed on, and the client still reads, the denial becomes the
 * last event of the stream.
 */
export function denialOfCut(reason: CutReason): Denial {
  switch (reason) {
    case 'client_left':
    case 'client_stalled':
      return { reason: 'client_left' };
    case 'grant_revoked':
      return { reason: 'grant_revoked' };
    case 'grant_ended':
      return { reason: 'grant_expired' };
    case 'revocations_unheard':
      return { reason: 'database_unavailable' };
    case 'time_limit_reached':
      return { reason: 'upstream_timeout' };
    case 'stopping':
      return { reason: 'stopping' };
  }
}
