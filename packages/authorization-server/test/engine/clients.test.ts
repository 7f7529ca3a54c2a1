import { expect } from '@jest/globals';
import { refuseMetadata } from '../../src/oidc/engine/provider-errors.js';
import { readRegistration } from '../../src/oidc/engine/read-registration.js';
import { validateClients } from '../../src/oidc/engine/validate-clients.js';
import { redirectUri } from '../support/bare-provider.js';
import { canary, start } from './canary.js';

const registration = { enabled: true } as const;

canary('a registered client is stored by upsert, with the members of RFC 7591 and the secret', async () => {
  const bare = await start({ configuration: { features: { registration } } });
  const answer = await bare.register({ redirect_uris: [redirectUri], client_name: 'An app' });
  const registered = readRegistration(bare.rows.get(`Client:${String(answer['client_id'])}`) ?? {});
  expect(registered).toMatchObject({
    redirectUris: [redirectUri],
    name: 'An app',
    secret: answer['client_secret'],
    idTokenAlgorithm: 'RS256',
    metadata: { redirect_uris: [redirectUri], token_endpoint_auth_method: 'client_secret_basic' },
  });
});

canary(
  'the validator of extraClientMetadata gets all metadata of each client, even if our member is missing',
  async () => {
    const seen: unknown[] = [];
    const bare = await start({
      configuration: {
        features: { registration },
        extraClientMetadata: validateClients('ours', (metadata, isRegistering) => {
          seen.push([metadata.redirect_uris, isRegistering]);
        }),
      },
    });
    await bare.authorize(bare.newBrowser());
    await bare.register({ redirect_uris: ['https://other.example/cb'] });
    expect(seen).toEqual(
      expect.arrayContaining([
        [[redirectUri], false],
        [['https://other.example/cb'], true],
      ]),
    );
  },
);

canary(
  'an InvalidClientMetadata whose description begins with redirect_uris has the code invalid_redirect_uri',
  async () => {
    const codes: unknown[] = [];
    for (const member of ['redirect_uris', 'client_name'] as const) {
      const bare = await start({
        configuration: {
          features: { registration },
          extraClientMetadata: validateClients('ours', (_metadata, isRegistering) => {
            if (isRegistering) refuseMetadata(member, 'must be another');
          }),
        },
      });
      const { error, error_description: description } = await bare.register({ redirect_uris: [redirectUri] });
      codes.push([error, description]);
    }
    expect(codes).toEqual([
      ['invalid_redirect_uri', 'redirect_uris must be another'],
      ['invalid_client_metadata', 'client_name must be another'],
    ]);
  },
);
