import type { ScopeToken } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import { findGrant, listActiveGrants } from '@aipassport/store/authorization';
import type { Client, Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { Configuration } from '../configuration.js';
import { isExhausted } from '../limits/is-exhausted.js';
import { hasDetails, readAccessRequest } from './access-request.js';
import { registeredByMember } from './client-members.js';
import { currentDatabase } from './current-database.js';
import { oauthError } from './describe-oauth-denial.js';
import { keepGrantAtLogout } from './engine/keep-grant-at-logout.js';
import { orUnavailable } from './errors.js';
import { asksForNewGrant, readChangeRequest } from './grant-management/change-request.js';

/**
 * Finds the grant under which a request is answered: a grant that the owner has just made or changed, or an older
 * grant that covers the whole request. The result is undefined when the owner has to be asked.
 */
export function createGrantLoader(pool: Database, { models }: Pick<Configuration, 'models'>) {
  return async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { provider, result } = ctx.oidc;
    const db = currentDatabase(pool);
    const change = readChangeRequest(ctx.oidc.params ?? {});
    if (change !== undefined) await requireOwnGrant(ctx, db, change.grantId);
    const grantId = result?.consent?.grantId ?? (await findReusable(ctx, db, models));
    if (grantId === undefined) return undefined;
    keepGrantAtLogout(ctx.oidc);
    return provider.Grant.find(grantId);
  };
}

async function findReusable(
  ctx: KoaContextWithOIDC,
  db: Database,
  models: Configuration['models'],
): Promise<string | undefined> {
  const { client, account } = ctx.oidc;
  if (client === undefined || account === undefined || !isAssured(client)) return undefined;
  const parameters = ctx.oidc.params ?? {};
  // The owner decides about every change of a grant, and about every request for a new grant.
  if (asksForNewGrant(parameters) || readChangeRequest(parameters) !== undefined) return undefined;
  // A request with details proposes a new grant, so the owner has to decide.
  if (hasDetails(parameters)) return undefined;
  const { tokens } = readAccessRequest(parameters, models);
  const { accountId } = account;
  const grants = await orUnavailable(listActiveGrants(db, { accountId, clientId: client.clientId }));
  return grants.find((grant) => !isExhausted(grant) && namesAll(grant.tokens, tokens))?.id;
}

/**
 * Checks the grant that a request wants to change, before the owner is asked and again before the answer.
 * @throws `invalid_grant_id` when the grant is another owner's or another client's, or has ended
 */
async function requireOwnGrant({ oidc }: KoaContextWithOIDC, db: Database, grantId: string): Promise<void> {
  const grant = await orUnavailable(findGrant(db, grantId));
  const isOwn = grant?.accountId === oidc.account?.accountId && grant?.clientId === oidc.client?.clientId;
  if (grant?.state !== 'active' || !isOwn) throw oauthError({ reason: 'grant_id_unknown' });
}

/**
 * Whether the grant names each scope token of the request exactly. oidc-provider gives an access token only the scope
 * tokens that the request and the grant have in common. Under a grant for `model:acme/*`, a request for
 * `model:acme/large` would therefore get no model.
 */
function namesAll(granted: readonly ScopeToken[], asked: readonly ScopeToken[]): boolean {
  const words = new Set(granted.map(({ text }) => text));
  return asked.every(({ text }) => words.has(text));
}

/**
 * Whether no other program can impersonate this client. Any program can use the id of a public client or listen on a
 * loopback port (RFC 8252 section 8.6), and a client that registered itself chose its own name. When a client could be
 * impersonated, the owner is asked every time.
 */
function isAssured(client: Client): boolean {
  const vouchedFor = client[registeredByMember] === 'operator';
  const hasSecret = client.clientAuthMethod !== undefined && client.clientAuthMethod !== 'none';
  return vouchedFor && hasSecret && (client.redirectUris ?? []).every((uri) => uri.startsWith('https://'));
}
