import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AiClient, type Connection } from '@aipassport/client';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { generateKeyPair } from 'oauth4webapi';
import * as openid from 'openid-client';
import { type ClientStack, redirectUri, register, startClientStack, usualScope } from '../clients/support/stack.js';

const question = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello?' }] };

/**
 * A server in front of the resource proxy that demands its own nonce in each proof (RFC 9449 section 9). Our proxy
 * demands none. The client makes its requests and proofs for the proxy's address, and the test sends them here.
 */
class NonceFront {
  /** The nonce that a proof must have; undefined: no nonce is ever accepted. */
  nonce: string | undefined;
  /** The nonces of the proofs that were received. */
  readonly seen: unknown[] = [];
  readonly #server: Server;

  constructor(proxy: string) {
    this.#server = createServer((request, response) => void this.#answer(proxy, request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(proxy: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { nonce } = decodeJwt(String(request.headers['dpop']));
    this.seen.push(nonce);
    if (nonce === undefined || nonce !== this.nonce) {
      const offered = this.nonce ?? `never-right-${this.seen.length}`;
      response.writeHead(401, { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': offered }).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization, dpop } = request.headers;
    const headers = { 'content-type': 'application/json', authorization: String(authorization), dpop: String(dpop) };
    const answer = await fetch(`${proxy}${request.url}`, { method: 'POST', headers, body: Buffer.concat(chunks) });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  }
}

let stack: ClientStack;
let front: NonceFront;
let connection: Connection;
/** The token requests since the last test. */
const tokenRequests: { readonly nonce: unknown; readonly status: number }[] = [];

/** Sends a request, and records it if it goes to the token endpoint. */
async function fetchRecorded(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const answer = await fetch(input, init);
  const proof = new Headers(input instanceof Request ? input.headers : init?.headers).get('dpop');
  if (answer.url.endsWith('/token') && proof !== null)
    tokenRequests.push({ nonce: decodeJwt(proof)['nonce'], status: answer.status });
  return answer;
}

/** Restarts both authorization servers with a new cookie key. Their nonces are derived from it. */
async function rotateNonces(): Promise<void> {
  const { keyFiles, authorizationServers } = stack.deployment;
  const file = keyFiles.authorizationServer.cookieKeys;
  const keys = JSON.parse(readFileSync(file, 'utf8')) as string[];
  writeFileSync(file, JSON.stringify([randomBytes(32).toString('base64url'), ...keys]));
  for (const replica of authorizationServers) {
    await replica.stop();
    await replica.start();
  }
}

beforeAll(async () => {
  stack = await startClientStack({
    variables: () => ({ 'authorization-server': { DPOP_NONCE: 'required' }, 'resource-proxy': {} }),
  });
  const { issuer, resourceProxyUrl } = stack.deployment;
  front = new NonceFront(resourceProxyUrl);
  const frontUrl = await front.start();
  const { client_id: clientId, client_secret: clientSecret } = await register(stack, { client_name: 'A shop' });
  const client = new AiClient({
    issuer,
    resourceProxyUrl,
    clientId,
    clientSecret,
    redirectUri,
    proofKeys: await generateKeyPair('ES256'),
    fetch: (input, init) => {
      const url = input instanceof Request ? input.url : input.toString();
      return fetchRecorded(url.replace(resourceProxyUrl, frontUrl), init);
    },
  });
  const { url, pending } = await client.begin({ scope: usualScope });
  connection = await client.finish(await stack.owner.allow(url), pending);
}, 60_000);
beforeEach(() => {
  front.seen.length = 0;
  tokenRequests.length = 0;
});
afterAll(async () => {
  front?.stop();
  await stack?.stop();
});

const ask = () =>
  connection.fetch(`${stack.deployment.resourceProxyUrl}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
  });

it('tokens are issued although the authorization server demands a nonce in each proof', () => {
  expect(decodeJwt(connection.tokens.accessToken)).toMatchObject({ cnf: { jkt: expect.any(String) } });
});

it('a request is sent again with the nonce that the resource server demands, also after that nonce has changed', async () => {
  front.nonce = 'first';
  expect((await ask()).status).toBe(200);
  expect(front.seen).toEqual([undefined, 'first']);
  expect((await ask()).status).toBe(200);
  expect(front.seen.slice(2)).toEqual(['first']);
  front.nonce = 'second';
  expect((await ask()).status).toBe(200);
  expect(front.seen.slice(3)).toEqual(['first', 'second']);
});

it('a server that accepts no nonce gets two requests and no more', async () => {
  front.nonce = undefined;
  expect((await ask()).status).toBe(401);
  expect(front.seen).toHaveLength(2);
});

/** Refreshes before and after the authorization server has rotated its nonces. */
async function expectRotationPickedUp(refresh: () => Promise<unknown>): Promise<void> {
  await refresh();
  tokenRequests.length = 0;
  await refresh();
  expect(tokenRequests).toEqual([{ nonce: expect.any(String), status: 200 }]);
  await rotateNonces();
  await refresh();
  await refresh();
  const [known, refused, repeated, next] = tokenRequests;
  expect(tokenRequests.map(({ status }) => status)).toEqual([200, 400, 200, 200]);
  expect(refused?.nonce).toEqual(expect.any(String));
  expect(repeated?.nonce).not.toBe(refused?.nonce);
  expect(next?.nonce).not.toBe(known?.nonce);
}

it('our library picks up a nonce that the authorization server has rotated, with one more request', async () => {
  await expectRotationPickedUp(() => connection.refresh());
  expect(decodeJwt(connection.tokens.accessToken)).toMatchObject({ cnf: { jkt: expect.any(String) } });
}, 60_000);

it('openid-client picks up a nonce that the authorization server has rotated, with one more request', async () => {
  const { client_id: clientId, client_secret: clientSecret } = await register(stack, { client_name: 'Another shop' });
  const options = { execute: [openid.allowInsecureRequests], [openid.customFetch]: fetchRecorded };
  const issuer = new URL(stack.deployment.issuer);
  const config = await openid.discovery(issuer, clientId, clientSecret, undefined, options as never);
  const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: usualScope,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const callback = await stack.owner.allow(url);
  let tokens = await openid.authorizationCodeGrant(config, callback, { pkceCodeVerifier }, undefined, { DPoP });
  await expectRotationPickedUp(async () => {
    tokens = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP });
  });
  expect(decodeJwt(tokens.access_token)).toMatchObject({ cnf: { jkt: expect.any(String) } });
}, 60_000);
