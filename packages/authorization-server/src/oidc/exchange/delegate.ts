import { decideDelegation, formatScope, includesToken, type ScopeToken } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import {
  delegateGrant,
  findGrant,
  type Grant,
  listAncestors,
  lockLive,
  maxDelegationDepth,
  maxLiveDelegations,
} from '@aipassport/store/authorization';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { RequestState } from '../../context.js';
import type { Foundation } from '../../foundation.js';
import { readAccessRequest } from '../access-request.js';
import { namesResourceProxy } from '../canonical-resource.js';
import { accessTokenType, oauthError } from '../describe-oauth-denial.js';
import { changeAnswer } from '../engine/change-answer.js';
import { issueUnderGrant } from '../engine/issue-under-grant.js';
import { orUnavailable } from '../errors.js';
import { createTokenFinder } from '../find-access-token.js';
import { requireFewExchanges } from './limit-tokens.js';
import { nameGrant } from './name-grant.js';
import type { Redemption } from './redemption.js';

type Exchanging = Pick<Redemption, 'ctx' | 'transaction' | 'handle'>;

/** Answers a token exchange in the transaction of its request. */
export type Delegate = (exchanging: Exchanging) => Promise<void>;

/** The access token that a client exchanges, and what it allows. */
interface Subject {
  readonly grant: Grant;
  /** The scope of the token, which a refresh may have narrowed. */
  readonly tokens: readonly ScopeToken[];
  /** The thumbprint of the client's key that the token is bound to; undefined for a bearer token. */
  readonly keyThumbprint: string | undefined;
  /** When the owner signed in, in seconds since 1970; undefined when it is not known. */
  readonly authTime: number | undefined;
  /** In seconds since 1970. */
  readonly expiresAt: number | undefined;
}

/**
 * Token exchange (RFC 8693). A client exchanges its own live access token for a token of a new grant, for instance for
 * a sub-agent. The new grant is below the grant of the exchanged token and allows no more. With `grant_id`, the new
 * token is for a grant that an earlier exchange made.
 *
 * A subject token that is bound to a client's key needs a proof of that key, and the new token is bound to the same
 * key. Otherwise a stolen token could be exchanged for one that works without the key.
 */
export function createDelegate(foundation: Pick<Foundation, 'configuration' | 'now'>): Delegate {
  const { configuration, now } = foundation;
  const { resourceProxyUrl: resource, models } = configuration;
  const findToken = createTokenFinder(foundation);

  async function findSubject({ ctx, transaction }: Exchanging): Promise<Subject> {
    const { provider, client, params = {} } = ctx.oidc;
    const token = await findToken(provider, String(params['subject_token']));
    const grant = token?.grantId === undefined ? undefined : await findGrant(transaction, token.grantId);
    if (token?.clientId !== client?.clientId || grant?.state !== 'active')
      throw oauthError({ reason: 'subject_token_inactive' });
    const allowed = new Set(token?.scope?.split(' '));
    const tokens = grant.tokens.filter(({ text }) => allowed.has(text));
    const authTime = token?.extra?.['auth_time'];
    return {
      grant,
      tokens,
      keyThumbprint: token?.jkt,
      authTime: typeof authTime === 'number' ? authTime : undefined,
      expiresAt: token?.exp,
    };
  }

  async function make({ ctx, transaction }: Exchanging, { grant: parent, tokens }: Subject): Promise<Grant> {
    const asked = readAccessRequest(ctx.oidc.params ?? {}, models);
    const decision = decideDelegation({ ...parent, tokens }, asked, now());
    if (!decision.ok)
      throw oauthError({ reason: 'delegation_too_wide', of: decision.problem, problem: decision.message });
    const { delegated } = decision;
    const made = await delegateGrant(transaction, { ...delegated, parentId: parent.id, reason: asked.reason });
    switch (made.kind) {
      case 'made':
        return made.grant;
      case 'ended':
        throw oauthError({ reason: 'subject_token_inactive' });
      case 'too_deep':
        throw oauthError({ reason: 'delegation_too_deep', maxDepth: maxDelegationDepth });
      case 'too_many':
        throw oauthError({ reason: 'too_many_delegations', max: maxLiveDelegations });
    }
  }

  return async (exchanging) => {
    const { ctx, transaction } = exchanging;
    requireSupported(ctx, resource);
    const subject = await findSubject(exchanging);
    const named = ctx.oidc.params?.['grant_id'];
    const grant = await orUnavailable(
      typeof named === 'string' ? findBelow(ctx, transaction, subject.grant.id, named) : make(exchanging, subject),
    );
    // A grant that `grant_id` names is older than this request. The subject token may allow less than this grant,
    // because the parent grant or the token's scope may be narrower than when the grant was made.
    const scope = formatScope(grant.tokens.filter((token) => includesToken(subject.tokens, token)));
    if (scope === '') throw oauthError({ reason: 'scope_not_shared' });
    await requireFewExchanges(exchanging, grant.accountId);
    endWithSubject(ctx, subject);
    const { keyThumbprint, authTime } = subject;
    await issueUnderGrant(exchanging, { grantId: grant.id, scope, keyThumbprint, authTime, resource });
    changeAnswer(ctx, (answer) => ({ ...answer, issued_token_type: accessTokenType }));
    nameGrant(ctx, grant.id);
  };
}

/**
 * Makes the new token expire no later than the subject token if a public client sends a bearer token. Such a request
 * does not prove who sent it. A thief could otherwise exchange a stolen token before it expires, then the new token,
 * and so on without end.
 */
function endWithSubject({ oidc: { client }, state }: KoaContextWithOIDC, { keyThumbprint, expiresAt }: Subject): void {
  if (client?.clientAuthMethod === 'none' && keyThumbprint === undefined && expiresAt !== undefined)
    (state as RequestState).accessTokenEndsAt = expiresAt;
}

/** RFC 8693 section 2.1. Parameters that this server does not support are refused, so that no client relies on them. */
function requireSupported({ oidc: { params = {} } }: KoaContextWithOIDC, resource: string): void {
  const { subject_token: token, subject_token_type: type, requested_token_type: requested } = params;
  if (typeof token !== 'string') throw oauthError({ reason: 'subject_token_missing' });
  if (type !== accessTokenType) throw oauthError({ reason: 'subject_token_type_wrong' });
  if (requested !== undefined && requested !== accessTokenType)
    throw oauthError({ reason: 'requested_token_type_wrong' });
  if (params['actor_token'] !== undefined || params['actor_token_type'] !== undefined)
    throw oauthError({ reason: 'actor_token_unsupported' });
  const { audience } = params;
  if (typeof audience === 'string' && !namesResourceProxy(resource, audience))
    throw oauthError({ reason: 'resource_unknown' });
}

/**
 * Finds an existing grant below the parent grant, to issue a further token for it. Locks the grant and all grants above
 * it. The grant keeps its scope and its limits.
 * @throws `invalid_request` when the grant is not below the parent grant, when one of these grants is not live, or when
 *         the request names a scope or limits
 */
async function findBelow(
  { oidc: { params = {} } }: KoaContextWithOIDC,
  transaction: Database,
  parentId: string,
  grantId: string,
): Promise<Grant> {
  if (params['scope'] !== undefined || params['authorization_details'] !== undefined)
    throw oauthError({ reason: 'terms_unexpected' });
  const chain = [...listAncestors(grantId), grantId];
  const grant = chain.slice(0, -1).includes(parentId) && (await lockLive(transaction, chain));
  const found = grant ? await findGrant(transaction, grantId) : undefined;
  if (found === undefined) throw oauthError({ reason: 'delegated_grant_unknown' });
  return found;
}

/** The parameters of a token exchange. */
export const delegationParameters = [
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'actor_token',
  'actor_token_type',
  'audience',
  'resource',
  'scope',
  'authorization_details',
  'grant_id',
] as const;
