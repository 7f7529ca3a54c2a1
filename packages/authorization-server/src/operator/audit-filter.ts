import type { InstanceEventQuery } from '@aipassport/store/authorization';

/** Which events of the instance to show. */
export type AuditFilter = Pick<InstanceEventQuery, 'event' | 'email' | 'clientId'>;
