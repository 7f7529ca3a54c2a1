import type { Database } from '@aipassport/store';
import { insertAuditEvent } from '@aipassport/store/authorization';
import type { KoaContextWithOIDC } from 'oidc-provider';

/** Writes the audit row of a token that a client got for itself, if this request issued one. */
export async function recordClientToken(transaction: Database, { oidc }: KoaContextWithOIDC): Promise<void> {
  const { ClientCredentials: token } = oidc.entities;
  if (token?.clientId === undefined) return;
  const { clientId, scope = '' } = token;
  const detail = { grant_type: 'client_credentials', scope };
  await insertAuditEvent(transaction, { event: 'token_issued', clientId, detail });
}
