import { keyHeaders, type ProofProblem, proofProblemTexts } from '@aipassport/policy';
import type { Denial } from './denial.js';
import type { ErrorDescription } from './error-description.js';

type ProofDenial = Extract<Denial, { reason: ProofProblem | 'token_bound' | 'token_unbound' }>;

const otherHeaders = [...keyHeaders]
  .filter((name) => name !== 'authorization')
  .map((name) => `\`${name}\``)
  .join(' and ');

/** Describes refusals that concern DPoP (RFC 9449 section 7). */
export function describeProofDenial({ reason }: ProofDenial): ErrorDescription {
  switch (reason) {
    case 'token_bound':
      return {
        status: 401,
        code: 'invalid_token',
        message: `This access token is bound to a key. Send it as \`Authorization: DPoP <token>\` with a proof in the header \`DPoP\`. \`Authorization: Bearer\`, ${otherHeaders} take only tokens that are not bound.`,
        challenge: { error: 'invalid_token' },
      };
    case 'token_unbound':
      return {
        status: 401,
        code: 'invalid_token',
        message: 'This access token is not bound to a key. Send it as `Authorization: Bearer <token>`.',
        challenge: { error: 'invalid_token' },
      };
    default:
      return {
        status: 401,
        code: 'invalid_dpop_proof',
        message: proofProblemTexts[reason],
        challenge: { error: 'invalid_dpop_proof' },
      };
  }
}
