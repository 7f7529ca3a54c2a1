import { hash } from 'node:crypto';
import { decideProof, findProof, normalizeUrl, type ProofProblem } from '@aipassport/policy';
import { hashSecret } from '@aipassport/store';
import { recordUse } from '@aipassport/store/authorization';
import { compactVerify, importJWK } from 'jose';
import type { Context } from '../context.js';
import type { Foundation } from '../foundation.js';
import { orUnavailable } from './errors.js';
import { maxSecondsAhead } from './proof-time.js';

/** An access token as it was sent, and the client's key to which it is bound. */
export interface SentToken {
  readonly text: string;
  readonly scheme: 'Bearer' | 'DPoP';
  /** The thumbprint of the client's key (RFC 9449 section 6.1); undefined for a bearer token. */
  readonly jkt: string | undefined;
}

/** Why a token that was sent is refused although it is valid. */
export type SendingProblem = 'access_token_bound' | 'access_token_not_bound' | ProofProblem;

/** The time for which a proof may be used, half of it before its `iat` and half of it after. */
const usableSeconds = 2 * maxSecondsAhead;

/**
 * Finds what is wrong with the proof of a request to this server's own resources (RFC 9449 section 7): `/userinfo`,
 * `/grants` and the admin API. The caller must have verified the token. A proof can be used once, at all replicas
 * together.
 * @returns undefined when the token was sent correctly
 */
export async function findSendingProblem(
  { configuration, db, now }: Pick<Foundation, 'configuration' | 'db' | 'now'>,
  ctx: Context,
  { text, scheme, jkt }: SentToken,
): Promise<SendingProblem | undefined> {
  if (jkt === undefined) return scheme === 'DPoP' ? 'access_token_not_bound' : undefined;
  if (scheme !== 'DPoP') return 'access_token_bound';
  const proof = findProof(ctx.req.rawHeaders);
  if (typeof proof === 'string') return proof;
  const request = {
    method: ctx.method,
    url: normalizeUrl(`${configuration.issuer}${ctx.path}`) ?? '',
    tokenHash: hash('sha256', text, 'base64url'),
    keyThumbprint: jkt,
  };
  const verdict = decideProof(proof, request, now().getTime());
  if (!verdict.ok) return verdict.problem;
  try {
    const { algorithm } = verdict;
    await compactVerify(proof.text, await importJWK(verdict.key.jwk, algorithm), { algorithms: [algorithm] });
  } catch {
    return 'proof_signature_wrong';
  }
  const use = { idHash: hashSecret(JSON.stringify([jkt, verdict.id])), expiresInSeconds: usableSeconds };
  return (await orUnavailable(recordUse(db, use))) ? undefined : 'proof_used';
}

/** The access token in the header `Authorization`; undefined when there is none. */
export function readSentToken(ctx: Context): Omit<SentToken, 'jkt'> | undefined {
  const [, scheme = '', text] = /^(Bearer|DPoP) +([\w.~+/-]+=*)$/i.exec(ctx.get('Authorization')) ?? [];
  return text === undefined ? undefined : { text, scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer' };
}
