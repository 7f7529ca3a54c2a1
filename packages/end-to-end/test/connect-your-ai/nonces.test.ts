import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AiClient, type Connection } from '@aipassport/client';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { generateKeyPair } from 'oauth4webapi';
import { type ClientStack, redirectUri, register, startClientStack, usualScope } from '../clients/support/stack.js';

const question = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello?' }] };

/**
 * A server before the resource proxy that demands a nonce of its own in each proof (RFC 9449 section 9). Our proxy
 * demands none. The requests come here and keep the proxy's address, so their proofs are for that address.
 */
class NonceFront {
  /** The nonce that a proof must have; undefined: no nonce is ever accepted. */
  nonce: string | undefined;
  /** The nonces of the proofs that came. */
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
      return fetch(url.replace(resourceProxyUrl, frontUrl), init);
    },
  });
  const { url, pending } = await client.begin({ scope: usualScope });
  connection = await client.finish(await stack.owner.allow(url), pending);
}, 60_000);
beforeEach(() => {
  front.seen.length = 0;
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
