import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  isAlive,
  killProcess,
  type Launcher,
  listDescendants,
  makePlace,
  type Place,
  pressCtrlC,
  readCommand,
  runCommand,
  useLaunchers,
} from './launcher-process.js';
import { useTemporaryDirectories } from './temporary-directory.js';
import { waitUntil } from './wait-until.js';

const makeDirectory = useTemporaryDirectories();
const start = useLaunchers();

const data = (place: Place, ...names: string[]) => path.join(place['AIPASSPORT_DATA'] ?? '', ...names);

describe('a launcher', () => {
  const start = useLaunchers(afterAll);
  const makeDirectory = useTemporaryDirectories(afterAll);
  let place: Place;
  let launcher: Launcher;
  beforeAll(async () => {
    place = await makePlace(makeDirectory());
    launcher = start(place);
    await launcher.ready;
  });

  it('lets no second launcher start on its data: the second one stops and names the process of the first', async () => {
    const second = start({ ...(await makePlace(makeDirectory())), AIPASSPORT_DATA: data(place) });
    expect((await second.ended).status).toBe(1);
    expect(second.output()).toContain(`is in use by another launcher (process ${launcher.pid}).`);
  });

  it('starts each program as a separate process, shows the URL to open, and ends all of them on Ctrl-C, also during a stream', async () => {
    expect(launcher.output()).toContain(`http://127.0.0.1:${place['DEMO_APP_PORT']}`);
    expect(launcher.output()).toContain(`http://localhost:${place['AUTHORIZATION_SERVER_PORT']}`);
    expect(launcher.output()).toContain('The AI is SIMULATED');
    const processes = listDescendants(launcher.pid);
    expect(processes.length).toBeGreaterThanOrEqual(5);

    const stream = await fetch(`http://127.0.0.1:${place['SIMULATED_UPSTREAM_PORT']}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer simulated', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o', stream: true, messages: [{ role: 'user', content: 'slow' }] }),
    });
    const reading = stream.text().catch(() => 'cut');
    const askedAt = Date.now();
    launcher.kill('SIGINT');
    expect(await launcher.ended).toEqual({ status: 0, signal: null });
    // the servers are killed after 5 s, and PostgreSQL then has 2.5 s; the rest is for a busy machine
    expect(Date.now() - askedAt).toBeLessThan(8_000);
    expect(await reading).toBe('cut');
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it('keeps its secrets in files that only its user can read, and writes none of them to its output or logs', async () => {
    launcher.kill('SIGINT');
    await launcher.ended;
    expect(statSync(data(place)).mode & 0o777).toBe(0o700);
    const keys = readdirSync(data(place, 'keys'), { recursive: true, withFileTypes: true });
    for (const entry of keys)
      expect(statSync(path.join(entry.parentPath, entry.name)).mode & 0o777).toBe(entry.isDirectory() ? 0o700 : 0o600);
    expect(keys.filter((entry) => entry.isFile())).toHaveLength(7);

    const secrets = ['keys/resource-proxy/client-secret', 'postgres.password'].map((name) =>
      readFileSync(data(place, name), 'utf8'),
    );
    const logs = readdirSync(data(place, 'logs')).map((name) => readFileSync(data(place, 'logs', name), 'utf8'));
    for (const secret of secrets) expect([launcher.output(), ...logs].join('\n')).not.toContain(secret);
  });
});

it('the launcher passes on the servers’ settings, warns of unused ones, and stops with a server’s message if that server refuses a setting', async () => {
  const directory = makeDirectory();
  const place = await makePlace(directory);
  const prices = path.join(directory, 'prices.json');
  const model = {
    upstream: 'openai',
    id: 'ours',
    capabilities: ['chat'],
    context_window: 1_000,
    max_output_tokens: 100,
  };
  writeFileSync(prices, JSON.stringify({ models: [{ ...model, prices: { input_mtok: 1, output_mtok: 2 } }] }));
  const doubtful = {
    LEASE_SECOND: 'canary-1',
    ISSUER: 'canary-2',
    HTTPS_PROXY: 'canary-3',
    REGISTRATION_TOKEN: 'canary-4',
  };
  const launcher = start({ ...place, PRICES_FILE: prices, ...doubtful });
  await launcher.ready;
  for (const name of Object.keys(doubtful)) expect(launcher.output()).toMatch(new RegExp(`^Warning: ${name}`, 'm'));
  expect(launcher.output()).not.toContain('canary');
  const metadata = `http://localhost:${place['AUTHORIZATION_SERVER_PORT']}/.well-known/oauth-authorization-server`;
  expect(await (await fetch(metadata)).json()).toMatchObject({
    scopes_supported: expect.arrayContaining(['model:openai/ours']),
  });
  launcher.kill('SIGINT');
  await launcher.ended;

  const refused = start({ ...place, LEASE_SECONDS: '1' });
  expect((await refused.ended).status).toBe(1);
  expect(refused.output()).toContain('LEASE_SECONDS: must be a whole number from 2 to 300');

  const unpriced = start({ ...place, UNKNOWN_MODELS: 'price-as:gpt-nonsense' });
  while (!unpriced.output().includes('UNKNOWN_MODELS')) await setTimeout(20);
  const toldAt = Date.now();
  expect((await unpriced.ended).status).toBe(1);
  // the launcher stops PostgreSQL in this time
  expect(Date.now() - toldAt).toBeLessThan(10_000);
});

it('Ctrl-C while the database is being created ends the start cleanly, and the next start works', async () => {
  const place = await makePlace(makeDirectory());
  const first = start(place);
  await waitUntil(() => existsSync(data(place, 'postgres.new', 'PG_VERSION')));
  const processes = listDescendants(first.pid);
  expect(processes.length).toBeGreaterThan(0);
  pressCtrlC(first.pid);
  expect(await first.ended).toEqual({ status: 0, signal: null });
  expect(first.output()).toContain('Stopped.');
  expect(first.output()).not.toContain('initdb');
  expect(processes.filter(isAlive)).toEqual([]);

  const second = start(place);
  await second.ready;
});

it('when a server hangs, the launcher still ends after Ctrl-C, and PostgreSQL ends with it', async () => {
  const launcher = start(await makePlace(makeDirectory()));
  await launcher.ready;
  const processes = listDescendants(launcher.pid);
  const proxy = processes.find((pid) => readCommand(pid).includes('resource-proxy')) ?? 0;
  expect(proxy).toBeGreaterThan(0);
  process.kill(proxy, 'SIGSTOP');
  launcher.kill('SIGINT');
  expect(await launcher.ended).toEqual({ status: 1, signal: null });
  killProcess(proxy);
  await waitUntil(() => !processes.some(isAlive));
});

it('the launcher still has its data after kill -9 of every process', async () => {
  const place = await makePlace(makeDirectory());
  const first = start(place);
  await first.ready;
  // the operator's commands also reach the database while everything runs
  expect(runCommand(place, 'accounts', 'create', 'kept@example.com')).toMatchObject({ status: 0 });
  for (const pid of [first.pid, ...listDescendants(first.pid)]) killProcess(pid);
  await first.ended;
  const second = start(place);
  await second.ready;
  expect(runCommand(place, 'accounts', 'list').stdout).toContain('kept@example.com');
  second.kill('SIGTERM');
  expect(await second.ended).toEqual({ status: 0, signal: null });
  // and also while nothing runs
  expect(runCommand(place, 'accounts', 'list').stdout).toContain('kept@example.com');
});

it('all servers end when only the launcher is killed, and a new start is possible', async () => {
  const place = await makePlace(makeDirectory());
  const first = start(place);
  await first.ready;
  const processes = listDescendants(first.pid);
  const servers = processes.filter((pid) => readCommand(pid).includes('main.js'));
  expect(servers).toHaveLength(4);
  first.kill('SIGKILL');
  await first.ended;
  await waitUntil(() => !servers.some(isAlive));
  const second = start(place);
  await second.ready;
  expect(processes.filter(isAlive)).toEqual([]);
});

it('the launcher names a taken port and the variable to set, before it starts anything', async () => {
  const place = await makePlace(makeDirectory());
  const other = createServer().listen(Number(place['RESOURCE_PROXY_PORT']), '127.0.0.1');
  const launcher = start(place);
  expect((await launcher.ended).status).toBe(1);
  other.close();
  expect(launcher.output()).toContain(
    `Port ${place['RESOURCE_PROXY_PORT']}, for the resource proxy, is taken by another program: set RESOURCE_PROXY_PORT to another port.`,
  );
  expect(existsSync(data(place, 'postgres'))).toBe(false);
});
