import { type LimitDenial, limitOfDenial } from '@aipassport/policy';
import type { Denial } from './denial.js';

/** `counted`: counted for the audit log, and logged. `logged`: only in the log of this server. */
type Recorded = 'counted' | 'logged';

/**
 * Where a denial is recorded. A denial is counted if it depends on what the owner or the operator allows: limits,
 * scope, provider keys (docs/decisions/0038-counted-refusals.md).
 */
export function whereRecorded(reason: Denial['reason']): Recorded {
  return isOfLimit(reason) ? 'counted' : recorded[reason];
}

const recorded: Readonly<Record<Exclude<Denial['reason'], LimitDenial>, Recorded>> = {
  // what the owner or the operator allows
  scope_missing: 'counted',
  grant_revoked: 'counted',
  grant_expired: 'counted',
  account_budget_exhausted: 'counted',
  operator_budget_exhausted: 'counted',
  budget_held: 'counted',
  model_unpriced: 'counted',
  cost_unbounded: 'counted',
  field_forbidden: 'counted',
  stored_state_refused: 'counted',
  provider_key_missing: 'counted',
  // the form of the HTTP request
  target_malformed: 'logged',
  header_repeated: 'logged',
  body_unexpected: 'logged',
  path_unknown: 'logged',
  method_not_allowed: 'logged',
  query_not_allowed: 'logged',
  // the credential: the grant may be unknown
  token_missing: 'logged',
  token_malformed: 'logged',
  provider_key_sent: 'logged',
  api_token_sent: 'logged',
  credentials_repeated: 'logged',
  credential_in_url: 'logged',
  token_invalid: 'logged',
  token_expired: 'logged',
  token_inactive: 'logged',
  grant_unknown: 'logged',
  token_bound: 'logged',
  token_unbound: 'logged',
  proof_missing: 'logged',
  proof_repeated: 'logged',
  proof_malformed: 'logged',
  proof_type_wrong: 'logged',
  proof_algorithm_wrong: 'logged',
  proof_key_unusable: 'logged',
  proof_key_other: 'logged',
  proof_method_other: 'logged',
  proof_url_other: 'logged',
  proof_time_wrong: 'logged',
  proof_token_other: 'logged',
  proof_id_wrong: 'logged',
  proof_signature_wrong: 'logged',
  proof_used: 'logged',
  // the body: the client has to change the request, or send it again later
  content_type_unsupported: 'logged',
  content_encoding_unsupported: 'logged',
  body_too_large: 'logged',
  body_too_slow: 'logged',
  body_in_small_chunks: 'logged',
  body_too_heavy: 'logged',
  body_share_exceeded: 'logged',
  body_malformed: 'logged',
  form_malformed: 'logged',
  field_not_offered: 'logged',
  field_invalid: 'logged',
  value_not_offered: 'logged',
  thread_not_stored: 'logged',
  kind_not_offered: 'logged',
  state_unknown: 'logged',
  state_not_kept: 'logged',
  conversation_locked: 'logged',
  model_missing: 'logged',
  model_unknown: 'logged',
  model_unsuited: 'logged',
  request_repeated: 'logged',
  // faults and outages of any service, including this one
  grant_unusable: 'logged',
  provider_key_changed: 'logged',
  provider_key_unusable: 'logged',
  provider_key_rejected: 'logged',
  upstream_unreachable: 'logged',
  upstream_failed: 'logged',
  upstream_timeout: 'logged',
  authorization_server_unavailable: 'logged',
  introspection_refused: 'logged',
  database_unavailable: 'logged',
  sealing_key_unavailable: 'logged',
  overloaded: 'logged',
  stopping: 'logged',
  client_left: 'logged',
};

function isOfLimit(reason: Denial['reason']): reason is LimitDenial {
  return Object.hasOwn(limitOfDenial, reason);
}
