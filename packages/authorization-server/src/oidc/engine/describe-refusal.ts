import { proofAlgorithms } from '@aipassport/contracts';
import type { AssertionDenial } from '../oauth-denial.js';

const algorithms = proofAlgorithms.join(', ');

/**
 * Tells a client's developer why the authentication of the client or a DPoP proof was refused. Each name is the detail
 * that oidc-provider gives to the error. A detail that is missing here is only logged, and the answer says only that
 * the authentication failed, or that the grant is invalid. The descriptions depend only on the client's own request.
 *
 * Assumption: the details of refused client assertions and DPoP proofs are those that are described.
 */
export const describedDetails = {
  'alg mismatch': `the client assertion must be signed with one of ${algorithms}`,
  'expiration must be specified in the client_assertion JWT': 'the client assertion has no exp',
  'unique jti (JWT ID) must be provided in the client_assertion JWT': 'the client assertion has no jti',
  'iss (JWT issuer) must be provided in the client_assertion JWT': 'the client assertion has no iss',
  'iss (JWT issuer) must be the client_id': 'the iss of the client assertion must be the client_id',
  'sub (JWT subject) must be provided in the client_assertion JWT': 'the client assertion has no sub',
  'aud (JWT audience) must be provided in the client_assertion JWT': 'the client assertion has no aud',
  'audience (aud) must equal the endpoint url, issuer identifier or token endpoint url': wrongAudience(),
  'list of audience (aud) must include the endpoint url, issuer identifier or token endpoint url': wrongAudience(),
  'jwt expired': 'the client assertion has expired',
  'jwt not active yet': 'the nbf of the client assertion is in the future; set the clock',
  'signature verification failed': 'no key of this client verifies the signature of the client assertion',
  'no applicable key found in the JSON Web Key Set':
    'this client has no key with the alg and kid of the client assertion',
  'client assertion tokens must only be used once':
    'the client assertion was used before; make a new one for each request',
  'the provided authentication mechanism does not match the registered client authentication method':
    'this client is registered with another token_endpoint_auth_method',
  'DPoP proof JWT not provided': 'this client must send a DPoP proof (RFC 9449)',
  'missing DPoP proof JWT': 'the code is bound to a key; send a DPoP proof of that key',
  'DPoP proof key thumbprint does not match dpop_jkt': 'the code is bound to another key than that of the DPoP proof',
  'failed jkt verification': 'the refresh token is bound to a key; send a DPoP proof of that key',
} as const satisfies Readonly<Record<string, string>>;

/** The same for the details that our own check of client assertions gives. */
const ownDetails: Readonly<Record<AssertionDenial['reason'], string>> = {
  assertion_audience_wrong: wrongAudience(),
  assertion_in_future: 'the iat of the client assertion is in the future; set the clock',
  assertion_lives_too_long: 'the client assertion must expire within an hour',
};

const descriptions: ReadonlyMap<string, string> = new Map(Object.entries({ ...describedDetails, ...ownDetails }));

function wrongAudience(): string {
  return 'the aud of the client assertion must be the issuer identifier, and nothing else';
}

/** @returns undefined when there is no description for the detail. The answer then stays as it is */
export function describeRefusal(detail: string | undefined): string | undefined {
  return detail === undefined ? undefined : descriptions.get(detail);
}
