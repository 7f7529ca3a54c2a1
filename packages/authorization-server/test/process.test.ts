import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '@aipassport/store';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { send } from './support/http.js';
import { findFreePort } from './support/start-server.js';
import { waitUntil } from './support/wait-until.js';

const main = new URL('../src/main.js', import.meta.url);
let directory: string;
let database: TestDatabase;
let environment: Record<string, string>;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'authorization-server-'));
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  const signing = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey);
  const sealing = await exportJWK((await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true })).publicKey);
  const write = async (name: string, content: unknown) => {
    const file = path.join(directory, name);
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  environment = {
    PORT: '0',
    UNREADY_SECONDS: '0',
    ISSUER: 'http://127.0.0.1:4000',
    DATABASE_URL_FILE: await write('url', database.urls.authorization),
    SIGNING_KEYS_FILE: await write('signing', { keys: [{ ...signing, kid: 'a' }] }),
    COOKIE_KEYS_FILE: await write('cookies', ['a-cookie-key-of-these-tests-0123456789']),
    SEALING_PUBLIC_KEY_FILE: await write('sealing', { ...sealing, kid: 'b' }),
  };
});
afterAll(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

function launch(variables: Record<string, string>) {
  const child = fork(main, { env: variables, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // After a disconnection that this process begins, the event `close` never comes.
  const read = [child.stdout, child.stderr].map(
    (stream) => new Promise<void>((resolve) => stream?.once('end', resolve)),
  );
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => void Promise.all(read).then(() => resolve(code))),
  );
  return { child, output: () => output, ended };
}

async function start(variables: Record<string, string> = {}): Promise<Started> {
  const launched = launch({ ...environment, ...variables });
  const url = await new Promise<string>((resolve, reject) => {
    launched.child.once('message', (message) => resolve((message as { url: string }).url));
    launched.child.once('exit', () => reject(new Error(launched.output())));
  });
  return { ...launched, url };
}

it('the program starts, logs in JSON that it is listening, and answers', async () => {
  const { child, url, output, ended } = await start();
  const answer = await send(`${url}/health`);
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([200, { status: 'ok' }]);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  const lines = output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string });
  expect(lines.map(({ event }) => event)).toEqual(['listening', 'ready', 'stopping', 'stopped']);
});

it('the program stops within seconds at SIGINT, and when its parent process ends', async () => {
  const endings: readonly ((child: ChildProcess) => unknown)[] = [
    (child) => child.kill('SIGINT'),
    (child) => child.disconnect(),
  ];
  for (const end of endings) {
    const { child, url, ended } = await start();
    await send(`${url}/health`);
    const startedAt = Date.now();
    end(child);
    expect(await ended).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(15_000);
  }
});

it('a server that is stopping answers requests in progress, and closes each connection after its answer', async () => {
  const { child, url, output, ended } = await start();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  const closed = new Promise<void>((resolve) =>
    socket.on('data', (more) => (text += String(more))).once('end', resolve),
  );
  const head = 'POST /token HTTP/1.1\r\nhost: 127.0.0.1:4000\r\ncontent-type: application/x-www-form-urlencoded\r\n';
  socket.write(`${head}expect: 100-continue\r\ncontent-length: 12\r\n\r\n`);
  await waitUntil(() => text === 'HTTP/1.1 100 Continue\r\n\r\n');
  socket.write('grant_type');
  child.kill('SIGTERM');
  await waitUntil(() => output().includes('"event":"stopping"'));
  const askedAt = Date.now();
  socket.write('=x');
  await closed;
  expect(text).toMatch(
    /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 400 .*connection: keep-alive\r\nkeep-alive: timeout=75\r\n/is,
  );
  expect(await ended).toBe(0);
  // The server cuts connections after five seconds. This one ended earlier, so its request was answered in time.
  expect(Date.now() - askedAt).toBeLessThan(4_500);
});

it('the program does not start with an incomplete configuration, and names the problem in a sentence', async () => {
  const incomplete = launch({ PORT: '0' });
  expect(await incomplete.ended).toBe(1);
  expect(incomplete.output()).toContain('DATABASE_URL');
  expect(incomplete.output()).not.toContain(' at ');
});

// The ids at the beginning of titles are rows of docs/security.md.
it('W1: answers 503 and says why while the database is missing or not migrated, and serves once it is ready', async () => {
  const port = await findFreePort();
  const empty = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false });
  const name = `${new URL(empty.url).pathname.slice(1)}_too_many`;
  const cases = [
    { url: new URL(name, empty.url).href, check: 'database', message: 'refuses the login of this server' },
    { url: empty.url, check: 'schema', message: 'migrat' },
  ];
  for (const { url, check, message } of cases) {
    const waiting = launch({ ...environment, DATABASE_URL_FILE: '', DATABASE_URL: url, PORT: String(port) });
    const base = `http://127.0.0.1:${port}`;
    await waitUntil(() => waiting.output().includes(`"event":"${check}_awaited"`));
    expect((await send(`${base}/health/live`)).status).toBe(200);
    const unready = await send(`${base}/health/ready`);
    expect([unready.status, Number(unready.headers['retry-after'])]).toEqual([503, 5]);
    const { checks } = JSON.parse(unready.text) as { checks: Record<string, { message: string }> };
    expect(checks[check]?.message).toContain(message);
    expect(unready.text).not.toContain(name);
    const refused = await send(`${base}/token`, { method: 'POST' });
    expect([refused.status, Number(refused.headers['retry-after'])]).toEqual([503, 5]);
    expect(JSON.parse(refused.text)).toMatchObject({ error: 'temporarily_unavailable' });
    const page = await send(`${base}/account`, { headers: { accept: 'text/html' } });
    expect([page.status, page.headers['content-type']]).toEqual([503, 'text/html; charset=utf-8']);
    if (check === 'schema') {
      await migrate(empty.db);
      const isReady = async () => (await send(`${base}/health/ready`)).status === 200;
      for (const end = Date.now() + 20_000; Date.now() < end && !(await isReady()); ) await sleep(50);
      expect(await isReady()).toBe(true);
    }
    waiting.child.kill('SIGTERM');
    expect(await waiting.ended).toBe(0);
  }
  await empty.close();
});

it('U1: a server that gets SIGTERM reports that it is not ready, and continues to serve for a while', async () => {
  const { child, url, ended } = await start({ UNREADY_SECONDS: '3' });
  expect((await send(`${url}/health/ready`)).status).toBe(200);
  child.kill('SIGTERM');
  const isUnready = async () => (await send(`${url}/health/ready`)).status === 503;
  for (const end = Date.now() + 2_000; Date.now() < end && !(await isUnready()); ) await sleep(10);
  const unready = await send(`${url}/health/ready`);
  expect([unready.status, JSON.parse(unready.text)]).toMatchObject([503, { checks: { accepting: { ok: false } } }]);
  expect((await send(`${url}/health/live`)).status).toBe(200);
  const metadata = `${url}/.well-known/oauth-authorization-server`;
  expect((await send(metadata, { headers: { host: '127.0.0.1:4000' } })).status).toBe(200);
  expect(await ended).toBe(0);
});

it('L10: a public server with the operator’s provider keys, open account creation and no caps does not start, and names what to set', async () => {
  const open = { ISSUER: 'https://ai.example', ALLOW_OPERATOR_KEYS: 'true', ACCOUNT_CREATION: 'open' };
  const refused = launch({ ...environment, ...open });
  // If the server starts against expectation, the test stops it, and it exits with 0.
  refused.child.once('message', () => refused.child.kill('SIGTERM'));
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toContain('OPERATOR_KEYS_MAX_COST_USD_PER_MONTH');
  expect(refused.output()).not.toContain(' at ');
  const caps = { OPERATOR_KEYS_MAX_COST_USD_PER_MONTH: '100', OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT: '5' };
  const capped = launch({ ...environment, ...open, ...caps });
  capped.child.once('message', () => capped.child.kill('SIGTERM'));
  expect(await capped.ended).toBe(0);
});

it('a server that waits for its database can be stopped', async () => {
  const endings: readonly ((child: ChildProcess) => unknown)[] = [
    (child) => child.kill('SIGTERM'),
    (child) => child.disconnect(),
  ];
  for (const end of endings) {
    const waiting = launch({ ...environment, DATABASE_URL_FILE: '', DATABASE_URL: 'postgres://x@127.0.0.1:1/x' });
    await waitUntil(() => waiting.output().includes('"event":"database_awaited"'));
    const startedAt = Date.now();
    end(waiting.child);
    expect(await waiting.ended).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(15_000);
  }
});
