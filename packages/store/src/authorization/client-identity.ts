import { sql } from 'kysely';

/**
 * What people are shown of a client. The client chose its name, so people also see its redirect URIs, and whether the
 * operator vouches for its name.
 */
export interface ClientIdentity {
  readonly clientName: string;
  readonly redirectUris: readonly string[];
  /** Whether the operator vouches for the client's name. */
  readonly isVouchedFor: boolean;
}

/** Whether the operator vouches for the client's name: the operator added the client, or approved it. */
export function isVouchedFor(client: { readonly registeredBy: string; readonly isApproved: boolean }): boolean {
  return client.registeredBy === 'operator' || client.isApproved;
}

/** SQL: whether the operator approved the client. @param row the name or alias of the table `clients` */
export function isApproved(row: 'clients' | 'c') {
  return sql<boolean>`exists (select from client_approvals p where p.client_id = ${sql.ref(`${row}.id`)})`;
}

/** SQL: the `ClientIdentity` of the row `c` of `clients`, as JSON; null without a row. See `isVouchedFor`. */
export const clientIdentity = sql<ClientIdentity | null>`case when c.id is not null then jsonb_build_object(
  'clientName', c.name,
  'redirectUris', coalesce(c.metadata -> 'redirect_uris', '[]'),
  'isVouchedFor', c.registered_by = 'operator' or ${isApproved('c')}
) end`;
