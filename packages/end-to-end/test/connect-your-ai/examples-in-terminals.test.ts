import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConnectionTokens } from '@aipassport/client';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type ClientStack, register, startClientStack } from '../clients/support/stack.js';
import { GuideRun } from '../harness/guide-run.js';
import { locateExample } from './example-process.js';

let stack: ClientStack;
let directory: string;
let run: GuideRun | undefined;

beforeAll(async () => {
  stack = await startClientStack();
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-command-line-'));
}, 60_000);
afterEach(() => run?.kill());
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await stack?.stop();
});

function begin(clientId: string, ...args: readonly string[]): GuideRun {
  const { issuer, resourceProxyUrl } = stack.deployment;
  const command = [process.execPath, locateExample('command-line/ask.js'), ...args, 'Hello?'];
  const TOKEN_FILE = path.join(directory, clientId);
  run = new GuideRun(command, {
    ISSUER: issuer,
    RESOURCE_PROXY_URL: resourceProxyUrl,
    CLIENT_ID: clientId,
    TOKEN_FILE,
  });
  return run;
}

const readTokens = (clientId: string) =>
  JSON.parse(readFileSync(path.join(directory, clientId), 'utf8')) as ConnectionTokens;

/** Makes the upstream answer with a stream, because the example prints only streamed answers. */
function answerInWords(): void {
  stack.upstream.behaviour = (_hit, response) => {
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini' };
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    const choices = [{ index: 0, delta: { content: 'Hello.' }, finish_reason: 'stop' }];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify({ ...chunk, choices })}\n\n`);
    response.end(`data: ${JSON.stringify({ ...chunk, choices: [], usage })}\n\ndata: [DONE]\n\n`);
  };
}

it('the command-line example receives the callback, stays connected, refreshes, and asks for more requests', async () => {
  answerInWords();
  const { client_id: clientId } = await register(stack, {
    client_name: 'My command line',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
  });
  const first = begin(clientId);
  const url = await first.readAuthorizationUrl();
  const elsewhere = new URL(url.searchParams.get('redirect_uri') ?? '');
  expect((await fetch(elsewhere)).status).toBe(404); // without a state: the program continues to wait
  await fetch(await stack.owner.allow(url));
  expect(await first.finish()).toContain('Hello.');
  expect(statSync(path.join(directory, clientId)).mode & 0o777).toBe(0o600);
  // The second run finds an access token that is about to expire.
  const before = readTokens(clientId);
  writeFileSync(path.join(directory, clientId), JSON.stringify({ ...before, accessTokenExpiresAt: Date.now() }));
  expect(await begin(clientId).finish()).toContain('Hello.');
  expect(readTokens(clientId).refreshToken).not.toBe(before.refreshToken);
  // The owner allowed two requests, and both have been sent.
  const third = begin(clientId);
  await fetch(await stack.owner.allow(await third.readAuthorizationUrl()));
  expect(await third.finish()).toMatch(/The limit is reached[\s\S]*Hello\./);
  expect(readTokens(clientId).grantId).toBe(before.grantId);
  await stack.owner.revoke('My command line');
  await expect(begin(clientId).finish()).rejects.toThrow('The access was removed.');
});

it('the command-line example with --device waits for the owner’s decision in the browser', async () => {
  answerInWords();
  const { client_id: clientId } = await register(stack, {
    client_name: 'My terminal',
    redirect_uris: undefined,
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    response_types: [],
    token_endpoint_auth_method: 'none',
  });
  const first = begin(clientId, '--device');
  const { page } = await stack.owner.open(await first.readAuthorizationUrl());
  const consent = await stack.owner.press(page, 'Continue');
  await stack.owner.press(consent.page, 'Allow');
  expect(await first.finish()).toContain('Hello.');
  expect(await begin(clientId, '--disconnect').finish()).toContain('Disconnected.');
  const denied = begin(clientId, '--device');
  const asked = await stack.owner.open(await denied.readAuthorizationUrl());
  const again = await stack.owner.press(asked.page, 'Continue');
  await stack.owner.press(again.page, 'Deny');
  await expect(denied.finish()).rejects.toThrow(/^The owner did not allow access\.\n$/m);
}, 90_000);
