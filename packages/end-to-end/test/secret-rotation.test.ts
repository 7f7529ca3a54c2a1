import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { ClientApp } from './harness/client-app.js';
import { type Connection, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { beginCommand, beginKeyCommand } from './harness/operator-command.js';
import type { Owner } from './harness/owner.js';
import { answerChat, RecordingUpstream } from './harness/recording-upstream.js';
import { callVendor, connectWithKey } from './harness/vendor-calls.js';
import { waitUntil } from './harness/wait-until.js';

const kinds = { owner: 'owner', authorization: 'authorization-server', proxy: 'resource-proxy' } as const;
/** This test has its own database roles, because the other tests share the usual roles and their passwords. */
const suffix = randomUUID().replaceAll('-', '');
const roleOf = (kind: keyof typeof kinds) => `${kind}_${suffix}`;

let directory: string;
let upstream: RecordingUpstream;
let deployment: Deployment;
let client: ClientApp;
let connection: Connection;
let bystander: Owner;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-rotation-'));
  upstream = await RecordingUpstream.start();
  upstream.behaviour = answerChat;
  deployment = await startDeployment({
    upstreamUrl: upstream.url,
    hasOperatorKeys: false,
    prepare: prepareRoles,
    variables: () => ({
      'authorization-server': { DATABASE_URL: '', DATABASE_URL_FILE: urlFile('authorization') },
      'resource-proxy': { DATABASE_URL: '', DATABASE_URL_FILE: urlFile('proxy') },
    }),
  });
  client = await ClientApp.register(deployment);
  connection = await connectWithKey(deployment, client);
  bystander = await createOwner(deployment);
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const urlFile = (kind: keyof typeof kinds) => path.join(directory, kinds[kind], 'database-url');

async function prepareRoles(databaseUrl: string): Promise<() => Promise<void>> {
  const names = Object.keys(kinds) as readonly (keyof typeof kinds)[];
  for (const kind of names) {
    await ask(databaseUrl, `create role ${roleOf(kind)} login password 'first' in role aipassport_${kind}`);
    mkdirSync(path.dirname(urlFile(kind)));
    const url = Object.assign(new URL(databaseUrl), { username: roleOf(kind), password: 'first' }).href;
    writeFileSync(urlFile(kind), url, { mode: 0o600 });
  }
  const serverUrl = process.env['TEST_DATABASE_URL'] ?? '';
  return async () => {
    for (const kind of names) await ask(serverUrl, `drop role ${roleOf(kind)}`);
  };
}

async function ask(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const database = new Client({ connectionString: url });
  await database.connect();
  try {
    return (await database.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await database.end();
  }
}

interface Load {
  readonly failures: readonly string[];
  count(): number;
  stop(): Promise<void>;
}

/**
 * Sends requests until `stop` is called. One loop for each connection refreshes a token and uses it at every proxy,
 * which then introspects it. Another loop opens a page. Together they make all servers open connections to the
 * database.
 */
function startLoad(connections: readonly Connection[]): Load {
  const failures: string[] = [];
  let count = 0;
  let isOver = false;
  const note = (what: string, status: number) => {
    count += 1;
    if (status !== 200) failures.push(`${what}: ${status}`);
  };
  const useTokens = async ({ tokens }: Connection) => {
    let refreshToken = tokens.refresh_token ?? '';
    while (!isOver) {
      const refreshed = await client.refresh(refreshToken);
      refreshToken = refreshed.refresh_token ?? '';
      // each grant may refresh 300 times in ten minutes, so the token is used for a while
      for (const end = performance.now() + 1_500; performance.now() < end && !isOver; )
        for (const { url } of deployment.resourceProxies) {
          const response = await callVendor(url, 'openai', refreshed.access_token);
          note(`a request at ${url}`, response.status);
          await response.arrayBuffer();
        }
    }
  };
  const look = async () => {
    while (!isOver) {
      const { page } = await bystander.open(`${deployment.issuer}/account/apps`);
      note('a page', page.status);
      if (page.url.pathname !== '/account/apps') failures.push('the session has ended');
    }
  };
  const attempt = (work: Promise<void>) => work.catch((error: unknown) => failures.push(inspect(error)));
  const loops = [...connections.map((each) => attempt(useTokens(each))), attempt(look())];
  return {
    failures,
    count: () => count,
    stop: async () => {
      isOver = true;
      await Promise.all(loops);
    },
  };
}

it('every secret is replaced while requests are served, and no request fails', async () => {
  const others = [await connectWithKey(deployment, client), await connectWithKey(deployment, client)];
  const load = startLoad([connection, ...others]);
  const goOn = async () => {
    const before = load.count();
    await waitUntil(async () => load.count() > before + 20 || load.failures.length > 0, 'requests go on', 30_000);
    expect(load.failures).toEqual([]);
  };
  const rotate = (...args: readonly string[]) => beginKeyCommand(deployment, args).output;
  try {
    await goOn();
    expect(await rotate('rotate-cookie-key')).toContain('The new cookie key signs.');
    await waitUntil(
      async () => deployment.authorizationServers.every((one) => one.output().split('cookie_keys_changed').length > 2),
      'every authorization server has the new cookie key',
      20_000,
    );
    await goOn();

    // one head is signed before the rotation, and one after it
    await waitUntil(async () => (await listHeads()).length === 1, 'a head is signed', 30_000);
    expect(await rotate('rotate-audit-key')).toContain('The new audit key seals events.');
    await waitUntil(
      async () => deployment.authorizationServers.every((one) => one.output().split('audit_keys_changed').length > 2),
      'every authorization server has the new key of the audit log',
      30_000,
    );
    await ask(deployment.databaseUrl, 'update audit_heads set day = day - 1');
    await waitUntil(async () => (await listHeads()).length === 2, 'a head is signed with the new key', 30_000);
    await goOn();

    const { clientSecret } = deployment.keyFiles.resourceProxy;
    const earlier = readFileSync(clientSecret, 'utf8');
    expect(await rotate('rotate-proxy-secret', '--overlap', '10m')).toContain('has a new secret');
    expect(readFileSync(clientSecret, 'utf8')).not.toBe(earlier);
    await goOn();
    expect(await rotate('rotate-proxy-secret', '--end-earlier')).toContain('No earlier secret of the proxy works');
    await goOn();

    const given = readFileSync(urlFile('proxy'), 'utf8');
    const passwords = ['rotate-database-passwords', '--directory', directory];
    expect(await beginCommand(deployment.databaseUrl, passwords).output).toContain('The rotation is complete.');
    await expect(ask(given, 'select 1')).rejects.toThrow('password authentication failed');
    await goOn();
    await expectNewConnections();
    await goOn();

    expect(await rotate('rotate-sealing-key')).toContain('The rotation is complete.');
    await goOn();
    expect(await rotate('rotate-signing-key')).toContain('Published the signing key');
    await goOn();
  } finally {
    await load.stop();
  }
  expect(load.failures).toEqual([]);
  const headsFile = path.join(directory, 'heads');
  writeFileSync(headsFile, (await listHeads()).join('\n'));
  const kept = (await listHeads()).map((head) => head.split('.')[0]);
  expect(new Set(kept).size).toBe(2);
  const variables = { AUDIT_KEYS_FILE: deployment.keyFiles.audit.keys };
  const verified = await beginCommand(deployment.databaseUrl, ['audit', 'verify', '--head', headsFile], variables)
    .output;
  expect(verified).toContain('2 of the 2 expected seals were found.');
  for (const one of deployment.authorizationServers) expect(one.output()).not.toContain('audit_log_changed');
  expect(await listRotations()).toEqual([
    'client_secret_replaced',
    'client_secrets_ended',
    'sealing_key_retired',
    'secret_rotated audit_keys add',
    'secret_rotated audit_keys use',
    'secret_rotated cookie_keys add',
    'secret_rotated cookie_keys use',
    'secret_rotated database_passwords',
    'secret_rotated id_token_keys publish',
    'secret_rotated sealing_key prepare',
    'secret_rotated sealing_key publish',
    'secret_rotated signing_keys publish',
  ]);
}, 600_000);

/** Makes both kinds of servers open connections: many pages at once, and a listener that has lost its connection. */
async function expectNewConnections(): Promise<void> {
  const [{ now } = {}] = await ask(deployment.databaseUrl, 'select now()::text');
  await ask(
    deployment.databaseUrl,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where usename = '${roleOf('proxy')}' and application_name like '%revocations'`,
  );
  const isOpened = async (kind: keyof typeof kinds) => {
    const opened = await ask(
      deployment.databaseUrl,
      `select from pg_stat_activity where usename = '${roleOf(kind)}' and backend_start > '${String(now)}'`,
    );
    return opened.length > 0;
  };
  await waitUntil(
    async () => {
      const visits = Array.from({ length: 15 }, () => bystander.open(`${deployment.issuer}/account/apps`));
      for (const { page } of await Promise.all(visits)) expect(page.status).toBe(200);
      return (await isOpened('authorization')) && (await isOpened('proxy'));
    },
    'both kinds of servers have opened connections with the new passwords',
    30_000,
  );
}

/** The signed heads of the audit log, from the oldest to the newest. */
async function listHeads(): Promise<readonly string[]> {
  const rows = await ask(deployment.databaseUrl, 'select head from audit_heads order by day');
  return rows.map(({ head }) => String(head));
}

async function listRotations(): Promise<readonly string[]> {
  const rows = await ask(
    deployment.databaseUrl,
    `select distinct concat_ws(' ', event, detail ->> 'secret', detail ->> 'step') as act from audit_events
     where event in ('secret_rotated', 'client_secret_replaced', 'client_secrets_ended', 'sealing_key_retired') order by 1`,
  );
  return rows.map(({ act }) => String(act));
}
