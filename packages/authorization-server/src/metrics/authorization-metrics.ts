import {
  counter,
  gauge,
  histogram,
  type Instruments,
  label,
  type StatusClass,
  serverMetrics,
} from '@aipassport/contracts';
import type { Endpoint } from '../endpoint.js';
import type { EndpointPath } from '../endpoints.js';
import type { RefusalLabel } from './refusal-label.js';

/** How an owner proves who they are. `password`: the password alone. */
export type SignInWay = 'password' | 'authenticator_app' | 'recovery_code' | 'passkey' | 'identity_provider';

/** The credential that was refused at a sign-in. `code`: a code of the authenticator app, or a recovery code. */
export const refusedCredentials = ['password', 'code', 'passkey', 'identity_provider'] as const;
export type RefusedCredential = (typeof refusedCredentials)[number];

/**
 * Hashing a password takes a tenth of a second. Most other requests are faster. If this server waits on purpose or for
 * another host, the request may take seconds.
 */
const requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The metrics of the authorization server. docs/metrics.md is made from this table. */
export const authorizationMetrics = {
  ...serverMetrics,
  requests: counter('aipassport_authorization_requests_total', 'Requests that were answered.', {
    endpoint: label<EndpointPath | 'unknown'>('the path or its template; `unknown` if the server has no such path'),
    status: label<StatusClass | 'other'>('the class of the status, such as `2xx`'),
  }),
  requestDuration: histogram(
    'aipassport_authorization_request_seconds',
    'The time from the arrival of a request to its answer.',
    requestSeconds,
    { answers: label<Endpoint['answers'] | 'unknown'>('what the endpoint answers: `page`, `json` and so on') },
  ),
  refusals: counter('aipassport_authorization_refusals_total', 'Refused requests.', {
    reason: label<RefusalLabel>('the reason in the log, or the error code of OAuth'),
  }),
  signIns: counter('aipassport_sign_ins_total', 'Sign-ins of owners.', {
    by: label<SignInWay>('how the owner signed in'),
  }),
  signInFailures: counter(
    'aipassport_sign_in_failures_total',
    'Refused sign-ins. Attempts above a limit are not counted here, but as refusals with the reason `too_many_attempts`.',
    { by: label<RefusedCredential>('what was wrong') },
  ),
  journalAge: gauge(
    'aipassport_journal_age_seconds',
    'The time since this server last found a new batch of the journal, written by itself or by another server; 0 without a journal.',
  ),
  journalFailures: counter(
    'aipassport_journal_failures_total',
    'Attempts of this server to write the journal that failed.',
  ),
  journalBytes: counter('aipassport_journal_bytes_total', 'Bytes that this server has written to the journal.'),
  databaseRestored: gauge(
    'aipassport_database_restored',
    '1 if the mark outside of the database is ahead of the one in it, so that this server refuses every request.',
  ),
};

export type AuthorizationMetrics = Instruments<typeof authorizationMetrics>;
