import type { CutOff } from '@aipassport/store/proxying';
import type { Denial } from '../denials/denial.js';
import type { Outcome } from './outcome.js';

/**
 * The reason why the client did not get the whole answer, for the owner's list of requests. Undefined if the client got
 * the whole answer, which may be an error.
 */
export function findCutOff(outcome: Outcome): CutOff | undefined {
  switch (outcome.kind) {
    case 'drained':
    case 'broken':
      return outcome.reason;
    case 'refused':
      return outcome.status === undefined ? cutOffByDenial[outcome.denial.reason] : undefined;
    case 'answered':
    case 'unreached':
      return undefined;
  }
}

/** The denials of requests that were cut off before their answer began. */
const cutOffByDenial: Readonly<Partial<Record<Denial['reason'], CutOff>>> = {
  client_left: 'client_left',
  grant_revoked: 'grant_revoked',
  grant_expired: 'grant_ended',
  stopping: 'stopping',
  upstream_timeout: 'upstream_timeout',
};
