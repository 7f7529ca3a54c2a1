import type { Denial } from './denial.js';

/** Reasons of denials while this service cannot decide about requests. The alert RequestsFailHere counts them. */
export const outageReasons = [
  'authorization_server_unavailable',
  'database_unavailable',
  'introspection_refused',
  'overloaded',
  'sealing_key_unavailable',
] as const satisfies readonly Denial['reason'][];

type Outage = Extract<Denial, { readonly reason: (typeof outageReasons)[number] }>;

const reasons: ReadonlySet<string> = new Set(outageReasons);

export function isOutage(denial: Denial): denial is Outage {
  return reasons.has(denial.reason);
}

/** Whether the cause may affect all requests. If so, the cached result of the health check is discarded. */
export function affectsAllRequests(denial: Denial): boolean {
  return isOutage(denial) && denial.reason !== 'overloaded';
}
