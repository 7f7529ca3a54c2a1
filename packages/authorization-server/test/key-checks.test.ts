import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createUpstreamCatalogue } from '@aipassport/policy';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeKeyChecks } from '../src/account/describe-key-checks.js';
import { type Page, readText } from './support/browser.js';
import { addClient, buildRequest } from './support/client.js';
import { createOwner, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let provider: Server;
let owner: Owner;
/** The requests that the AI provider received. */
const received: { readonly url: string | undefined; readonly headers: IncomingHttpHeaders }[] = [];
/** The status of the AI provider's answers. */
let status = 200;
beforeAll(async () => {
  provider = createServer((request, response) => {
    received.push({ url: request.url, headers: request.headers });
    response.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere' }).end('{"error":"CANARY of the provider"}');
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const addresses = ['openai', 'anthropic', 'google'].map((name) => ({ name, baseUrl }));
  server = await startTestServer({
    configuration: { keyChecks: describeKeyChecks(createUpstreamCatalogue(), addresses) },
  });
});
afterAll(async () => {
  await server.close();
  provider.closeAllConnections();
  provider.close();
});
beforeEach(async () => {
  received.length = 0;
  status = 200;
  owner = await createOwner(server);
});

const keys = {
  openai: 'sk-proj-CANARY-openai-0123456789-abcd',
  anthropic: 'sk-ant-api03-CANARY-anthropic-0123456789-efgh',
  google: 'AIzaCANARY-google-0123456789-0123456789ijkl',
} as const;

async function add(upstream: keyof typeof keys, more: Readonly<Record<string, string>> = {}): Promise<Page> {
  const page = await owner.browser.open('/account/keys');
  return owner.browser.submit(page, '/account/keys', { upstream, key: keys[upstream], ...more });
}

const countKeys = async () =>
  (await server.db.selectFrom('provider_keys').select('id').where('account_id', '=', owner.accountId).execute()).length;

it('a new provider key is tried with a free request to its AI provider, in the provider’s own header', async () => {
  for (const upstream of ['openai', 'anthropic', 'google'] as const)
    expect(readText((await add(upstream)).text)).toContain('Key saved, and the AI provider accepts it.');
  expect(received).toMatchObject([
    { url: '/v1/models', headers: { authorization: `Bearer ${keys.openai}` } },
    { url: '/v1/models', headers: { 'x-api-key': keys.anthropic, 'anthropic-version': '2023-06-01' } },
    { url: '/v1beta/models', headers: { 'x-goog-api-key': keys.google } },
  ]);
});

it('a provider key that the AI provider refuses is stored only if the owner insists', async () => {
  for (const [upstream, refusal] of [
    ['openai', 401],
    ['google', 400],
  ] as const) {
    status = refusal;
    const page = await add(upstream);
    expect([page.status, readText(page.text)]).toEqual([422, expect.stringContaining('doesn’t accept this key')]);
    expect(page.text).not.toContain('CANARY');
    expect(readText(page.text)).toContain('Paste the key again.');
    expect(await countKeys()).toBe(0);
  }
  status = 401;
  const page = await add('openai');
  const kept = await owner.browser.submit(page, '/account/keys', {
    upstream: 'openai',
    key: keys.openai,
    keep_refused: 'yes',
  });
  expect(readText(kept.text)).toContain('Key saved.');
  expect([await countKeys(), received.length]).toEqual([1, 4]);
  const client = await addClient(server, { name: 'Recipe Helper' });
  const { url } = await buildRequest(server, client, { prompt: 'consent', scope: 'model:gpt-4o-mini cap:chat' });
  const consent = readText((await owner.browser.open(url)).text);
  expect(consent).toContain('OpenAI recently refused your key ending in abcd');
  expect(consent).not.toContain('not checked yet');
});

it('a provider key without credit is refused with the reason', async () => {
  status = 402;
  const page = await add('openai');
  expect([page.status, readText(page.text)]).toEqual([
    422,
    expect.stringContaining('Your account at OpenAI has no credit.'),
  ]);
});

it('if the AI provider fails, redirects or says nothing about the provider key, the key is stored with a note', async () => {
  for (const answer of [500, 429, 403, 404, 302]) {
    status = answer;
    expect([answer, readText((await add('openai')).text)]).toEqual([
      answer,
      expect.stringContaining('We couldn’t check it with the AI provider right now.'),
    ]);
  }
  expect(received).toHaveLength(5);
});

it('the consent page says that a provider key is not checked yet, until the AI provider accepts it', async () => {
  const client = await addClient(server, { name: 'Recipe Helper' });
  const { url } = await buildRequest(server, client, { prompt: 'consent', scope: 'model:gpt-4o-mini cap:chat' });
  const consent = await owner.browser.open(url);
  for (const [answer, isChecked] of [
    [500, false],
    [200, true],
  ] as const) {
    status = answer;
    const keysPage = await owner.browser.submit(consent, `${consent.url.pathname}/consent`, { add_key: 'openai' });
    const key = { upstream: 'openai', key: keys.openai };
    const back = await owner.browser.submit(keysPage, '/account/keys', key);
    expect([answer, back.url.pathname]).toEqual([answer, consent.url.pathname]);
    const text = readText(back.text);
    expect(text).toContain('OpenAI: your key ending in abcd');
    expect(text.includes('not checked yet')).toBe(!isChecked);
  }
});

it('a provider key is not tried before the owner has confirmed who they are', async () => {
  server.advanceClock(600);
  const asked = await add('openai');
  expect([asked.status, received.length]).toEqual([422, 0]);
  const page = await owner.browser.submit(asked, '/account/keys', { upstream: 'openai', key: keys.openai, password });
  server.advanceClock(-600);
  expect([readText(page.text), received.length]).toEqual([expect.stringContaining('accepts it'), 1]);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('K1: no log contains the provider key or the provider’s answer', () => {
  expect(server.logLines.join('')).not.toContain('CANARY');
});

it('the page links to where each AI provider issues provider keys', async () => {
  const page = await owner.browser.open('/account/keys');
  expect(page.text).toContain(
    '<a href="https://platform.openai.com/api-keys" target="_blank" rel="noreferrer noopener">',
  );
});
