import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DocumentHost, hostCertificate, openDocumentHost } from '@aipassport/authorization-server/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { auth, type OAuthClientProvider, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import { chatStatus, smallChat } from '../harness/chat.js';
import { readClaims } from '../harness/connect.js';
import { type ClientStack, redirectUri, startClientStack, usualScope } from './support/stack.js';

const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-mcp-sdk-'));
let host: DocumentHost;
let stack: ClientStack;
let proxy: string;
let serverUrl: string;
beforeAll(async () => {
  host = await openDocumentHost();
  const certificateFile = path.join(directory, 'host.pem');
  writeFileSync(certificateFile, hostCertificate);
  const variables = () => ({
    'authorization-server': { CLIENT_METADATA_HOSTS: host.host, NODE_EXTRA_CA_CERTS: certificateFile },
    'resource-proxy': {},
  });
  stack = await startClientStack({ variables });
  proxy = stack.deployment.resourceProxyUrl;
  serverUrl = `${proxy}/openai/v1`;
});
afterAll(async () => {
  await stack?.stop();
  await host?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** What an app that uses the SDK stores. */
class StoredClient {
  asked: URL | undefined;
  information: OAuthClientInformationMixed | undefined;
  tokens: OAuthTokens | undefined;
  verifier = '';

  get accessToken(): string {
    return this.tokens?.access_token ?? '';
  }

  /** @param document the URL of the client's metadata, if the client has no need to register */
  createProvider(document?: URL): OAuthClientProvider {
    return {
      redirectUrl: redirectUri,
      clientMetadata: { client_name: 'MCP', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' },
      ...(document !== undefined && { clientMetadataUrl: document.href }),
      clientInformation: () => this.information,
      saveClientInformation: (saved) => void (this.information = saved),
      tokens: () => this.tokens,
      saveTokens: (saved) => void (this.tokens = saved),
      redirectToAuthorization: (url) => void (this.asked = url),
      saveCodeVerifier: (saved) => void (this.verifier = saved),
      codeVerifier: () => this.verifier,
    };
  }
}

/** The owner allows what the SDK asks for, and the SDK redeems the code. */
async function allow(client: StoredClient, provider: OAuthClientProvider): Promise<void> {
  if (client.asked === undefined) throw new Error('the owner was not asked');
  const authorizationCode = (await stack.owner.allow(client.asked)).searchParams.get('code') ?? '';
  expect(await auth(provider, { serverUrl, authorizationCode })).toBe('AUTHORIZED');
}

it('the MCP TypeScript SDK: auth() finds the server, registers a client, authorizes it and refreshes its token by itself', async () => {
  const client = new StoredClient();
  const provider = client.createProvider();
  expect(await auth(provider, { serverUrl, scope: usualScope })).toBe('REDIRECT');
  expect(client.asked?.searchParams.get('resource')).toBe(serverUrl);
  await allow(client, provider);
  expect(await chatStatus(proxy, client.accessToken)).toBe(200);
  const first = client.accessToken;
  expect(await auth(provider, { serverUrl })).toBe('AUTHORIZED');
  expect(client.accessToken).not.toBe(first);
  expect(await chatStatus(proxy, client.accessToken)).toBe(200);
  // Without a given scope the SDK asks for the published scopes, which name no model. So the owner chooses the model.
  client.tokens = undefined;
  expect(await auth(provider, { serverUrl })).toBe('REDIRECT');
  const page = await stack.owner.openConsent(client.asked as URL);
  expect(page.text).toContain('The app lets you choose.');
});

it('the MCP TypeScript SDK: authorizes with the URL of its metadata document as its client identifier, without registration', async () => {
  const document = new URL('/mcp/client.json', `https://${host.host}`);
  const metadata = { client_name: 'Documented MCP', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' };
  host.serve(document.pathname, { client_id: document.href, ...metadata });
  const client = new StoredClient();
  const provider = client.createProvider(document);
  expect(await auth(provider, { serverUrl, scope: usualScope })).toBe('REDIRECT');
  expect(client.asked?.searchParams.get('client_id')).toBe(document.href);
  await allow(client, provider);
  expect(host.fetched).toContain(document.pathname);
  expect(readClaims(client.accessToken).client_id).toBe(document.href);
  expect(await chatStatus(proxy, client.accessToken)).toBe(200);
  expect(await auth(provider, { serverUrl })).toBe('AUTHORIZED');
  expect(await chatStatus(proxy, client.accessToken)).toBe(200);
});

it('the MCP TypeScript SDK: its transport asks for authorization after a 401, and after a 403 for the scope that it names', async () => {
  const client = new StoredClient();
  // The refresh token is not stored, because after a 403 the SDK would refresh instead of asking the owner.
  const saveTokens = ({ access_token, token_type }: OAuthTokens) => void (client.tokens = { access_token, token_type });
  const authProvider = { ...client.createProvider(), saveTokens };
  const transport = new StreamableHTTPClientTransport(new URL(`${serverUrl}/chat/completions`), { authProvider });
  const send = (model: string) => transport.send({ ...smallChat, model } as never);
  const allowTicking = async (tick: readonly string[]) => {
    const callback = await stack.owner.allow(client.asked as URL, { tick });
    await transport.finishAuth(callback.searchParams.get('code') ?? '');
  };
  await expect(send('gpt-4o-mini')).rejects.toThrow(UnauthorizedError);
  expect(client.asked?.searchParams.get('scope')).toBe('cap:chat');
  await allowTicking(['model:gpt-4o-mini']);
  await send('gpt-4o-mini');
  await expect(send('gpt-4o')).rejects.toThrow(UnauthorizedError);
  expect(client.asked?.searchParams.get('scope')).toBe('model:gpt-4o cap:chat');
  await allowTicking([]);
  await send('gpt-4o');
  expect(readClaims(client.accessToken).scope.split(' ').sort()).toEqual(['cap:chat', 'model:gpt-4o']);
});
