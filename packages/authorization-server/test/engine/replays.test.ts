import { expect } from '@jest/globals';
import { SignJWT } from 'jose';
import type { AdapterPayload } from 'oidc-provider';
import { detectReplays } from '../../src/oidc/engine/detect-replays.js';
import { describeRequest, redirectUri } from '../support/bare-provider.js';
import { json, postForm } from '../support/http.js';
import { makeProofKey, prove } from '../support/proof.js';
import { canary, start } from './canary.js';

canary('client assertions and DPoP proofs are checked with ReplayDetection.unique', async () => {
  const assertionKey = await makeProofKey();
  const checked: unknown[] = [];
  const bare = await start({
    configuration: {
      clientAuthMethods: ['private_key_jwt'],
      clients: [],
    },
    prepare: (provider) =>
      detectReplays(provider, async ({ clientId, identifier }) => {
        checked.push([clientId, identifier]);
        return identifier !== 'used';
      }),
  });
  bare.rows.set('Client:signer', {
    client_id: 'signer',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...assertionKey.publicJwk }] },
  } as AdapterPayload);
  const push = async (assertionId: string, proofId: string) => {
    const claims = { iss: 'signer', sub: 'signer', aud: bare.url, jti: assertionId, exp: Date.now() / 1_000 + 60 };
    const assertion = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(assertionKey.privateKey);
    const authentication = {
      client_assertion: assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
    const form = { ...Object.fromEntries(describeRequest({ client_id: 'signer' })), ...authentication };
    const proof = await prove(assertionKey, `${bare.url}/request`, { claims: { jti: proofId } });
    return json(await postForm(`${bare.url}/request`, form, { dpop: proof }));
  };
  expect(await push('used', 'new')).toMatchObject({ error: 'invalid_client' });
  expect(await push('new', 'used')).toMatchObject({ error: 'invalid_dpop_proof' });
  expect(await push('new', 'new too')).toHaveProperty('request_uri');
  expect(checked).toEqual(['used', 'new', 'used', 'new', 'new too'].map((identifier) => ['signer', identifier]));
});
