import { hash } from 'node:crypto';
import { decideProof, findProof, normalizeUrl } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import type { Credential } from './read-access-token.js';

type ProofDependencies = Pick<ProxyDependencies, 'resource' | 'now' | 'proofVerifier'>;

/**
 * Requires a DPoP proof (RFC 9449) from a request whose access token is bound to a client's key. The token is verified
 * already, so a sender without a valid token cannot make this server verify proofs. `admit` or `requireLiveGrant`
 * checks later that the proof has not been used before.
 *
 * @throws Denied 401 for a missing or wrong proof, and for a token that is sent with the wrong scheme
 */
export async function requireProof(deps: ProofDependencies, exchange: Exchange, credential: Credential): Promise<void> {
  const keyThumbprint = exchange.claims?.keyThumbprint;
  const isProven = credential.scheme === 'DPoP';
  if (keyThumbprint === undefined) {
    if (isProven) throw new Denied({ reason: 'token_unbound' });
    return;
  }
  // A bound token without a proof is refused. Otherwise a thief could use it without the client's key (RFC 9449 section
  // 7.2).
  if (!isProven) throw new Denied({ reason: 'token_bound' });
  const proof = findProof(exchange.request.rawHeaders);
  if (typeof proof === 'string') throw new Denied({ reason: proof });
  const { method = '', url: target = '' } = exchange.request;
  const [path = ''] = target.split('?', 1);
  // Do not use the `Host` header: the client chooses it.
  const url = normalizeUrl(`${deps.resource}${path}`) ?? '';
  const tokenHash = hash('sha256', credential.token, 'base64url');
  const verdict = decideProof(proof, { method, url, tokenHash, keyThumbprint }, deps.now());
  if (!verdict.ok) throw new Denied({ reason: verdict.problem });
  if (!(await deps.proofVerifier.verify(proof, verdict.key, verdict.algorithm)))
    throw new Denied({ reason: 'proof_signature_wrong' });
  // Include the client's key, because different clients may choose the same `jti`.
  exchange.proofHash = hash('sha256', `${keyThumbprint} ${verdict.id}`, 'base64url');
}
