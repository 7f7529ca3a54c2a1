import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '@aipassport/store';
import { insertAccount } from '@aipassport/store/authorization';
import { createTestDatabase } from '@aipassport/store/testing';
import { expect, it } from '@jest/globals';
import { withDatabaseUrl } from '../src/database/with-database.js';
import { startPostgres } from '../src/postgres/start-postgres.js';
import {
  isAlive,
  killProcess,
  type Launcher,
  listDescendants,
  makePlace,
  type Place,
  runCommand,
  useLaunchers,
} from './launcher-process.js';
import { useTemporaryDirectories } from './temporary-directory.js';
import { waitUntil } from './wait-until.js';

const makeDirectory = useTemporaryDirectories();
const start = useLaunchers();

const data = (place: Place, ...names: string[]) => path.join(place['AIPASSPORT_DATA'] ?? '', ...names);

async function makeOldData(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const postgres = await startPostgres({ directory, durable: false });
  try {
    await withDatabaseUrl(postgres.url, async (db) => {
      await migrate(db);
      await insertAccount(db, { email: 'old@example.com', passwordHash: 'none' });
    });
  } finally {
    await postgres.stop();
  }
}

/** The programs that a start runs, each with a pattern that identifies its process. */
const programs: readonly (readonly [string, RegExp])[] = [
  ['simulated AI provider', /simulated-upstream/],
  ['authorization server', /authorization-server/],
  ['resource proxy', /resource-proxy/],
  ['demo app', /demo-app/],
  ['database', /bin\/postgres\0-D/],
];

function findProgram(launcher: Launcher, pattern: RegExp): number {
  const isIt = (pid: number) => isAlive(pid) && pattern.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  return listDescendants(launcher.pid).find(isIt) ?? 0;
}

async function answers(place: Place): Promise<boolean> {
  const ports = ['AUTHORIZATION_SERVER_PORT', 'RESOURCE_PROXY_PORT', 'SIMULATED_UPSTREAM_PORT'];
  const urls = [
    ...ports.map((port) => `http://localhost:${place[port]}/health`),
    `http://127.0.0.1:${place['DEMO_APP_PORT']}/`,
    // this page needs the database
    `http://localhost:${place['AUTHORIZATION_SERVER_PORT']}/account/sign-in`,
  ];
  const statuses = await Promise.all(
    urls.map((url) =>
      fetch(url).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  );
  return statuses.every((status) => status === 200);
}

it('the launcher restarts each program that is killed, and everything works as before', async () => {
  const place = await makePlace(makeDirectory());
  const launcher = start(place);
  await launcher.ready;
  for (const [name, pattern] of programs) {
    const killed = findProgram(launcher, pattern);
    expect([name, killed]).not.toEqual([name, 0]);
    killProcess(killed);
    await waitUntil(() => ![0, killed].includes(findProgram(launcher, pattern)));
    await waitUntil(() => answers(place));
    expect(launcher.output()).toMatch(new RegExp(`The ${name} has ended: .*SIGKILL.*It is being restarted`));
  }
  // new data can be stored
  expect(runCommand(place, 'accounts', 'create', 'after@example.com')).toMatchObject({ status: 0 });
  launcher.kill('SIGINT');
  expect(await launcher.ended).toEqual({ status: 0, signal: null });
}, 120_000);

it.each(programs.filter(([name]) => ['resource proxy', 'database'].includes(name)))(
  'the launcher and all its programs end when the %s ends twice in a short time, and its last log lines are shown',
  async (name, pattern) => {
    const place = await makePlace(makeDirectory());
    const launcher = start(place);
    await launcher.ready;
    const first = findProgram(launcher, pattern);
    killProcess(first);
    await waitUntil(() => ![0, first].includes(findProgram(launcher, pattern)));
    await waitUntil(() => answers(place));
    const processes = listDescendants(launcher.pid);
    killProcess(findProgram(launcher, pattern));
    expect((await launcher.ended).status).toBe(1);
    expect(launcher.output()).toMatch(
      new RegExp(`The ${name} has ended: .*SIGKILL.*, for the second time within a minute\\. The end of .*\\.log:`),
    );
    await waitUntil(() => !processes.some(isAlive));
  },
);

it.each([programs[2], programs[4]] as typeof programs)(
  'the launcher ends on Ctrl-C in the middle of a restart of the %s',
  async (_name, pattern) => {
    const place = await makePlace(makeDirectory());
    const launcher = start(place);
    await launcher.ready;
    const before = listDescendants(launcher.pid);
    killProcess(findProgram(launcher, pattern));
    await waitUntil(() => launcher.output().includes('It is being restarted'));
    // the pause before a restart is half a second: one case interrupts the pause, the other interrupts the start
    await sleep(pattern === programs[2]?.[1] ? 100 : 650);
    const processes = [...before, ...listDescendants(launcher.pid)];
    launcher.kill('SIGINT');
    expect(await launcher.ended).toEqual({ status: 0, signal: null });
    await waitUntil(() => !processes.some(isAlive));
  },
);

it('the launcher moves a log that has become too large, while the server continues to write', async () => {
  const place = await makePlace(makeDirectory());
  const launcher = start(place);
  await launcher.ready;
  const log = data(place, 'logs', 'resource-proxy.log');
  appendFileSync(log, `${'x'.repeat(99)}\n`.repeat(101_000));
  await waitUntil(() => existsSync(`${log}.1`) && statSync(log).size < 10_000_000);
  await fetch(`http://localhost:${place['RESOURCE_PROXY_PORT']}/v1/grant`);
  await waitUntil(() => readFileSync(log, 'utf8').includes('"event":'));
  // the server writes to the beginning of the emptied file, not to its old position
  expect(statSync(log).size).toBeLessThan(100_000);
  expect(statSync(`${log}.1`).mode & 0o777).toBe(0o600);
});

it('neither server connects as a superuser or as the owner of the tables, also with data from before there were several roles', async () => {
  const place = await makePlace(makeDirectory());
  // data as it was before there were roles: everything belongs to PostgreSQL's superuser
  await makeOldData(data(place));
  const launcher = start(place);
  await launcher.ready;
  expect(runCommand(place, 'accounts', 'list').stdout).toContain('old@example.com');
  const doctor = runCommand(place, 'doctor').stdout;
  expect(doctor).toContain('ok      database: the authorization server connects as the role aipassport_authorization');
  expect(doctor).toContain('ok      database: the resource proxy connects as the role aipassport_proxy');
  const port = place['AUTHORIZATION_SERVER_PORT'];
  expect(doctor).toContain(`ok      authorization server: is ready on port ${port}`);
  // the same ports, seen from another data directory
  const elsewhere = runCommand({ ...place, AIPASSPORT_DATA: makeDirectory() }, 'doctor').stdout;
  expect(elsewhere).toContain(
    `NOT OK  authorization server: not running, and port ${port} is taken: set AUTHORIZATION_SERVER_PORT to another port`,
  );
  // the same ports, with the database of another instance
  const other = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  const mixed = runCommand({ ...place, DATABASE_URL: other.url }, 'doctor').stdout;
  await other.close();
  for (const [name, variable] of [
    ['authorization server', 'AUTHORIZATION_SERVER_PORT'],
    ['resource proxy', 'RESOURCE_PROXY_PORT'],
  ] as const)
    expect(mixed).toContain(
      `NOT OK  ${name}: the server on port ${place[variable]} uses another database than this command: give both the same DATABASE_URL`,
    );
  launcher.kill('SIGINT');
  await launcher.ended;
});
