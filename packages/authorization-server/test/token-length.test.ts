import { maxAccessTokenLength } from '@aipassport/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { measureToken, requireReadable } from '../src/oidc/token-length.js';
import { addClient, connect } from './support/client.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

it('computes the exact length of a token before it is signed', async () => {
  const owner = await createOwner(server);
  const { access_token: token } = await connect(server, owner.browser, await addClient(server));
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
  expect(measureToken('test-1', payload)).toBe(token.length);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('A13: if a grant of an earlier version is too large for a token, the client gets an error and not a token that the proxy would refuse', () => {
  const payloadOf = (length: number) => ({ scope: 'x'.repeat(length) });
  const longest = Math.floor(((maxAccessTokenLength - measureToken('k', payloadOf(0))) * 3) / 4);
  expect(() => requireReadable('k', payloadOf(longest - 2))).not.toThrow();
  expect(() => requireReadable('k', payloadOf(longest + 3))).toThrow('invalid_scope');
});
