import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { RequestState } from '../../context.js';
import { AlreadyConsumed } from '../engine/already-consumed.js';
import { changeParameter } from '../engine/change-parameter.js';
import { isRotated, readAskedScopes } from '../engine/read-refresh.js';
import { requireFewRefreshes } from './limit-tokens.js';
import type { Redemption } from './redemption.js';
import { findAnswer, keepAnswer } from './refresh-answers.js';

/**
 * Exchanges a refresh token for the next one. Within the grace time, a repeat of the same request gets the same answer.
 * A repeat may follow a lost answer, or come from a second tab or process. All tabs and processes then have the same
 * tokens.
 *
 * A repeat that asks for another scope, names the resource by another of its URLs, or sends a proof of another key, gets
 * a new answer, with the same next refresh token. Both kinds of repeat have passed all of oidc-provider's checks, and
 * neither makes a second refresh token. A repeat for another resource is refused.
 */
export async function refreshTokens(redemption: Redemption): Promise<void> {
  const { ctx, handle } = redemption;
  try {
    await handle();
    await requireFewRefreshes(redemption);
  } catch (error) {
    if (!(error instanceof AlreadyConsumed)) throw error;
    const answer = await findAnswer(redemption);
    if (answer === undefined) throw error;
    if (answer.parameters === (await describeParameters(ctx))) ctx.body = answer.body;
    else await answerAnew(redemption, answer.body);
    return;
  }
  // A refresh token that is not rotated stays valid, so a repeat is an ordinary refresh.
  if (!isRotated(ctx.oidc)) return;
  await keepAnswer(redemption, {
    parameters: await describeParameters(ctx),
    body: ctx.body as Record<string, unknown>,
  });
}

/**
 * All that a client can choose in a refresh: the scope, the resource, and its own key that the access token is bound
 * to.
 */
async function describeParameters(ctx: KoaContextWithOIDC): Promise<string> {
  const { oidc } = ctx;
  const key = await findProofKey(ctx);
  const parameters = [[...readAskedScopes(oidc)].sort(), oidc.params?.['resource'] ?? null];
  return JSON.stringify(key === undefined ? parameters : [...parameters, key]);
}

/** The thumbprint of the client's key in the request's DPoP proof, which oidc-provider has verified. */
async function findProofKey(ctx: KoaContextWithOIDC): Promise<string | undefined> {
  const proof = ctx.get('DPoP');
  const jwk = proof === '' ? undefined : decodeProtectedHeader(proof).jwk;
  return jwk && calculateJwkThumbprint(jwk);
}

async function answerAnew(redemption: Redemption, body: Readonly<Record<string, unknown>>): Promise<void> {
  const { ctx, handle } = redemption;
  (ctx.state as RequestState).keepsRefreshToken = true;
  changeParameter(ctx.oidc, 'refresh_token', String(body['refresh_token']));
  await handle();
  await requireFewRefreshes(redemption);
}
