import type { AuditEventKind } from '@aipassport/store/authorization';
import { type EventGroup, eventGroups, listKinds } from './describe-event.js';

/** Which events of an account to show. */
export interface ActivityFilter {
  readonly group: EventGroup;
  readonly kinds: readonly AuditEventKind[];
  readonly clientId: string | undefined;
}

/** Reads the filter of a query or a form. An unknown group means all. */
export function readActivityFilter(read: (name: string) => string): ActivityFilter {
  const group = eventGroups.find((one) => one === read('kind')) ?? 'all';
  return { group, kinds: listKinds(group), clientId: read('app') || undefined };
}

/** The filter, as the parameters of the page and the fields of its form. */
export function describeActivityFilter({ group, clientId = '' }: ActivityFilter) {
  return { kind: group, app: clientId };
}

/** Reads the id of an event. The page shows the events before this one; undefined: the first page. */
export function readBefore(text: string): bigint | undefined {
  return /^[1-9]\d{0,17}$/.test(text) ? BigInt(text) : undefined;
}
