import { randomUUID } from 'node:crypto';
import {
  type AdmissionRequest,
  admitRequests,
  endLease,
  insertReplica,
  markSimulated,
  type Settlement,
  settleDeadReplicas,
  settleRequests,
} from '@aipassport/store/proxying';
import type { TestServer } from './start-server.js';

/** One request under a grant, admitted as a proxy admits it. */
export interface Use {
  /** Nano-US-dollars. */
  readonly estimate?: bigint;
  /** The actual cost; undefined while the request is in progress. */
  readonly cost?: bigint;
  readonly settlement?: Settlement['settlement'];
  /** Of the AI provider's answer. By default it matches the settlement. */
  readonly status?: number;
  readonly cutOff?: Settlement['cutOff'];
  /** Whether the request's proxy was declared dead before it settled the request, although the proxy was alive. */
  readonly isLate?: boolean;
  /** Whether the proxy has an operator's provider key. */
  readonly hasOperatorKey?: boolean;
  /** Whether the AI provider is simulated. */
  readonly isSimulated?: boolean;
}

/** @returns the admission's verdict */
export async function useGrant(
  { db }: TestServer,
  grant: { readonly id: string; readonly account_id: string },
  use: Use = {},
): Promise<string> {
  const { estimate = 10_000_000n, cost, settlement = 'reported', status, cutOff } = use;
  const { isLate = false, hasOperatorKey = false, isSimulated = false } = use;
  const replicaId = randomUUID();
  await insertReplica(db, { replicaId, leaseSeconds: 3_600 });
  const request: AdmissionRequest = {
    requestId: randomUUID(),
    grantId: grant.id,
    accountId: grant.account_id,
    estimate,
    floor: 1n,
    tokens: 1_500,
    isStream: false,
    upstream: 'openai',
    model: 'gpt-4o',
    operation: 'openai.chat/completions',
  };
  const [admission] = await admitRequests(db, {
    replicaId,
    catalogueVersion: 'test',
    requests: [request],
    operatorKeys: hasOperatorKey
      ? { upstreams: ['openai'], maxCostPerMonth: undefined, maxCostPerMonthOfAccount: undefined }
      : undefined,
  });
  if (isSimulated) await markSimulated(db, request);
  if (isLate) {
    await endLease(db, replicaId);
    await settleDeadReplicas(db);
  }
  if (admission?.verdict === 'admitted' && cost !== undefined) {
    const answered = settlement === 'released' ? {} : { status: status ?? (settlement === 'unbilled' ? 529 : 200) };
    const counted = settlement === 'reported' ? { inputTokens: 1_200, outputTokens: 34 } : {};
    const { requestId, grantId, accountId } = request;
    await settleRequests(db, [{ requestId, grantId, accountId, settlement, cost, cutOff, ...answered, ...counted }]);
  }
  return admission?.verdict ?? 'none';
}
