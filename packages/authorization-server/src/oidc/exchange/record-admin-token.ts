import type { Database } from '@aipassport/store';
import { insertAuditEvent } from '@aipassport/store/authorization';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { adminEndpoint } from '../admin/admin-resource.js';

/** Writes the audit row of a token of the admin API, if this request issued one. */
export async function recordAdminToken(transaction: Database, { oidc }: KoaContextWithOIDC): Promise<void> {
  const { ClientCredentials: token } = oidc.entities;
  if (token?.clientId === undefined || token.aud !== adminEndpoint({ issuer: oidc.provider.issuer })) return;
  const { clientId, scope = '' } = token;
  const detail = { grant_type: 'client_credentials', scope };
  await insertAuditEvent(transaction, { event: 'token_issued', clientId, detail });
}
