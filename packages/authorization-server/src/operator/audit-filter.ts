import type { InstanceEventQuery } from '@aipassport/store/authorization';

/** Which events of the instance to show. */
export type AuditFilter = Pick<InstanceEventQuery, 'event' | 'email' | 'clientId'>;

/** Reads the filter of a query or a form. */
export function readAuditFilter(read: (name: string) => string): AuditFilter {
  return {
    event: read('event') || undefined,
    email: read('email') || undefined,
    clientId: read('client_id') || undefined,
  };
}
