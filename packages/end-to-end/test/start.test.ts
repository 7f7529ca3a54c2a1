import { statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chatStatus, postChat, smallChat } from './harness/chat.js';
import { type Connection, connect, createOwner } from './harness/connect.js';
import {
  findPorts,
  LaunchedStart,
  makeDataDirectory,
  type Ports,
  removeDataDirectory,
} from './harness/launched-start.js';
import { Owner } from './harness/owner.js';
import { waitUntil } from './harness/wait-until.js';
import { watchStream } from './harness/watch-stream.js';

let directory: string;
let ports: Ports;
let start: LaunchedStart | undefined;
let connection: Connection;

beforeAll(async () => {
  directory = makeDataDirectory();
  ports = await findPorts();
  start = await LaunchedStart.begin(directory, ports);
}, 90_000);

afterAll(async () => {
  await start?.interrupt();
  removeDataDirectory(directory);
});

function running(): LaunchedStart {
  if (start === undefined) throw new Error('the set-up of this file failed');
  return start;
}

it('a start on an empty directory starts every server, and says which page to open and that the AI is simulated', async () => {
  const { issuer, resourceProxyUrl, demoAppUrl, output } = running();
  for (const url of [issuer, resourceProxyUrl, demoAppUrl]) expect(output).toContain(url);
  expect(output).toContain('SIMULATED');
  for (const url of [`${issuer}/health`, `${resourceProxyUrl}/health`, `${demoAppUrl}/`])
    expect([url, (await fetch(url)).status]).toEqual([url, 200]);
  for (const file of ['authorization-server/signing-keys.json', 'resource-proxy/sealing-private-key.json'])
    expect(statSync(path.join(directory, 'keys', file)).mode & 0o777).toBe(0o600);
});

it('an app requests access, the owner allows it, and the app talks to an AI', async () => {
  const owner = await createOwner(running());
  connection = await connect(running(), { owner });
  const answer = await postChat(running().resourceProxyUrl, connection.accessToken);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('simulated');
});

it('a second start on the same data is refused with a message', async () => {
  await expect(LaunchedStart.begin(directory, await findPorts())).rejects.toThrow(/is in use by another launcher/);
});

it('Ctrl-C ends everything within five seconds, including open streams, and the next start has all data', async () => {
  const { resourceProxyUrl } = running();
  const slow = { ...smallChat, stream: true, messages: [{ role: 'user', content: 'slow' }] };
  const { begun, ended } = watchStream(await postChat(resourceProxyUrl, connection.accessToken, slow));
  await begun;
  const { exitCode, milliseconds } = await running().interrupt();
  expect(exitCode).toBe(0);
  // five seconds is the sum of the time limits of all parts; a busy machine needs more time between them
  expect(milliseconds).toBeLessThan(8_000);
  await ended;
  start = await LaunchedStart.begin(directory, ports);
  await expectEverythingKept();
}, 90_000);

it('kill -9 of the launcher loses no stored data and leaves no server running', async () => {
  await running().kill();
  await waitUntil(
    async () => (await Promise.all(Object.values(ports).map(isSilent))).every(Boolean),
    'the servers have noticed that the launcher has ended',
    20_000,
  );
  start = await LaunchedStart.begin(directory, ports);
  await expectEverythingKept();
}, 90_000);

/** Whether no server answers on a port any more. The next start needs the port. */
function isSilent(port: number): Promise<boolean> {
  return fetch(`http://localhost:${port}/health`).then(
    () => false,
    () => true,
  );
}

/** Checks that the account, grant, access token and refresh token from before this start still work. */
async function expectEverythingKept(): Promise<void> {
  const { issuer, resourceProxyUrl } = running();
  const returning = new Owner(issuer, connection.owner.credentials);
  expect((await returning.signIn()).page.url.pathname).toBe('/account');
  expect((await returning.open('/account/grants')).page.text).toContain(connection.client.name);
  expect(await chatStatus(resourceProxyUrl, connection.accessToken)).toBe(200);
  const tokens = await connection.client.refresh(connection.tokens.refresh_token ?? '');
  expect(await chatStatus(resourceProxyUrl, tokens.access_token)).toBe(200);
  connection = { ...connection, tokens, accessToken: tokens.access_token };
}
