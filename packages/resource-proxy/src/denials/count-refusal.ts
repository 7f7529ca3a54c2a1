import { limitKinds, limitTable } from '@aipassport/policy';
import type { RefusalCounts } from '@aipassport/store';
import type { Exchange } from '../exchange.js';
import { type Denial, Denied } from './denial.js';

/**
 * Counts, for the audit log, a request that is refused because of what the owner or the operator allows. Other refusals
 * are only logged: they concern the form of the request, its token, or an outage.
 */
export function countRefusal(
  { refusals }: { readonly refusals: RefusalCounts },
  { id, claims }: Pick<Exchange, 'id' | 'claims'>,
  error: unknown,
): void {
  if (claims === undefined || !(error instanceof Denied) || !policyReasons.has(error.denial.reason)) return;
  const { accountId, clientId, grantId } = claims;
  refusals.count({
    event: 'request_refused',
    reason: error.denial.reason,
    accountId,
    clientId,
    grantId,
    requestId: id,
  });
}

const policyReasons: ReadonlySet<Denial['reason']> = new Set<Denial['reason']>([
  'scope_missing',
  'grant_revoked',
  'grant_expired',
  ...limitKinds.map((kind) => limitTable[kind].denial),
  'account_budget_exhausted',
  'operator_budget_exhausted',
  'budget_held',
  'model_unpriced',
  'cost_unbounded',
  'field_forbidden',
  'stored_state_refused',
  'provider_key_missing',
]);
