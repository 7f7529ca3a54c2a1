import { loadSpecification } from '@aipassport/contracts';
import { findGrantStatus } from '@aipassport/store/proxying';
import { afterEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { TestIssuer } from './support/issuer.js';
import { sendRaw } from './support/send-raw.js';
import { TcpFront } from './support/tcp-front.js';
import { resource, TestProxy, type TestProxyOptions } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const opened: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function start(options: TestProxyOptions = {}): Promise<TestProxy> {
  const proxy = await TestProxy.start(options);
  opened.push(() => proxy.stop());
  return proxy;
}

interface Readiness {
  readonly status: number;
  readonly text: string;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly message?: string }>>;
}

async function readReadiness({ url }: TestProxy, path = '/health/ready'): Promise<Readiness> {
  const answer = await fetch(`${url}${path}`);
  const text = await answer.text();
  return { status: answer.status, text, checks: (JSON.parse(text) as Readiness).checks };
}

const becomes = (proxy: TestProxy, status: number) =>
  waitUntil(async () => (await readReadiness(proxy)).status === status, `its readiness is ${status}`);
const failingChecks = ({ checks }: Readiness) => Object.entries(checks).flatMap(([name, { ok }]) => (ok ? [] : [name]));

/** Waits until exactly these checks fail. While the proxy starts, others may fail too. */
const failsIn = (proxy: TestProxy, checks: readonly string[]) =>
  waitUntil(
    async () => {
      const readiness = await readReadiness(proxy);
      return readiness.status === 503 && failingChecks(readiness).join() === checks.join();
    },
    `the failing checks are ${checks.join(', ')}`,
  );

// The ids at the beginning of titles are rows of docs/security.md.
it('U4: readiness is reported at both of its paths and liveness at its own, as in the specification', async () => {
  const specification = loadSpecification('resource-proxy');
  const proxy = await start();
  await becomes(proxy, 200);
  for (const path of ['/health/ready', '/health']) {
    const { status, text, checks } = await readReadiness(proxy, path);
    expect([status, specification.compile('/components/schemas/Health')(JSON.parse(text))]).toEqual([200, undefined]);
    const names = ['database', 'schema', 'keys', 'authorization_server', 'revocations', 'accepting'];
    expect(Object.keys(checks)).toEqual(names);
  }
  const live = await fetch(`${proxy.url}/health/live`);
  expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
  const refused = await fetch(`${proxy.url}/health/ready`, { method: 'POST', body: '{}' });
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  const head = await sendRaw(proxy.port, 'HEAD /health/ready HTTP/1.1\r\nhost: x\r\n\r\n');
  expect([head.status, head.text.endsWith('\r\n\r\n')]).toEqual([200, true]);
});

it('U5: a proxy with a wrong client secret reports this in its log and its health, and is not ready until the secret is corrected', async () => {
  const issuer = await TestIssuer.start(resource);
  issuer.isActive = 'refuses-us';
  const proxy = await start({ issuer, clientSecret: 'a-secret-that-is-wrong' });
  await waitUntil(
    () => proxy.lines.some((line) => line.includes('"event":"introspection_refused"')),
    'the log says so',
  );
  await failsIn(proxy, ['authorization_server']);
  const unready = await readReadiness(proxy);
  const specification = loadSpecification('resource-proxy');
  expect(specification.compile('/components/schemas/Unready')(JSON.parse(unready.text))).toBeUndefined();
  expect([unready.status, failingChecks(unready)]).toEqual([503, ['authorization_server']]);
  expect(unready.checks['authorization_server']?.message).toContain('PROXY_CLIENT_SECRET');
  expect([unready.text, ...proxy.lines].join('\n')).not.toContain('a-secret-that-is-wrong');
  const { token } = await proxy.connect();
  expect((await proxy.chat(token)).status).toBe(503);
  // Each check counts as an attempt to guess the secret. So there are few checks, however many probes there are.
  const asked = issuer.probes;
  await Promise.all(Array.from({ length: 100 }, () => readReadiness(proxy)));
  expect(issuer.probes - asked).toBeLessThanOrEqual(1);
  issuer.isActive = true;
  await becomes(proxy, 200);
});

it('U5: while the authorization server is down a proxy is ready as long as it has signing keys to verify tokens', async () => {
  const proxy = await start();
  await becomes(proxy, 200);
  await proxy.issuer.stop();
  await waitUntil(
    async () => (await readReadiness(proxy)).checks['authorization_server']?.message !== undefined,
    'its health says that the authorization server cannot be reached',
  );
  expect((await readReadiness(proxy)).status).toBe(200);
  const { token } = await proxy.connect();
  expect((await proxy.chat(token)).status).toBe(200);

  const issuer = await TestIssuer.start(resource);
  await issuer.stop();
  const without = await start({ issuer });
  await failsIn(without, ['keys', 'authorization_server']);
  await issuer.listen();
  await becomes(without, 200);
});

it('U6: many probes share one check, and a probe after a failed request reports the failure', async () => {
  const front = await TcpFront.open(process.env['TEST_DATABASE_URL'] ?? '');
  opened.push(() => front.close());
  const proxy = await start({ databaseUrl: (url) => front.through(url), databaseDirectUrl: (url) => url });
  await becomes(proxy, 200);
  const asked = proxy.issuer.probes;
  const startedAt = performance.now();
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 25 }, () => readReadiness(proxy)));
  const seconds = Math.ceil((performance.now() - startedAt) / 1_000);
  expect(proxy.issuer.probes - asked).toBeLessThanOrEqual(seconds + 1);
  const { token } = await proxy.connect();
  front.cut();
  expect((await proxy.chat(token)).status).toBe(503);
  const unready = await readReadiness(proxy);
  expect([unready.status, failingChecks(unready)]).toEqual([503, ['database', 'schema']]);
  expect(unready.text).not.toMatch(/127\.0\.0\.1|postgres/);
  front.mend();
  await becomes(proxy, 200);
});

it('U7: a proxy that receives no notifications of revocations is not ready, even if all else works', async () => {
  const front = await TcpFront.open(process.env['TEST_DATABASE_URL'] ?? '');
  opened.push(() => front.close());
  const proxy = await start({ databaseDirectUrl: (url) => front.through(url) });
  await becomes(proxy, 200);
  front.cut();
  await becomes(proxy, 503);
  await failsIn(proxy, ['revocations']);
  front.mend();
  await becomes(proxy, 200);
});

it('U7: the proxy notices if its connection for revocations leads to another database', async () => {
  const proxy = await start({ databaseDirectUrl: () => process.env['TEST_DATABASE_URL'] ?? '' });
  await waitUntil(() => proxy.lines.some((line) => line.includes('sent and not received')), 'the log says so');
  expect(failingChecks(await readReadiness(proxy))).toEqual(['revocations']);
});

/** Renames all overloads of a function. */
const renameAll = (name: string, to: string) => `
  do $$ declare f regprocedure; begin
    for f in select oid from pg_proc where proname = '${name}' loop
      execute format('alter function %s rename to ${to}', f); end loop; end $$`;

it('W2: when a function or a table is dropped under a running proxy, requests are 503 and not 500, and it recovers by itself', async () => {
  const proxy = await start();
  const { db } = proxy.database;
  await becomes(proxy, 200);
  const { grant, token } = await proxy.connect();
  expect((await proxy.chat(token)).status).toBe(200);
  const hits = proxy.upstream.hits.length;
  const changes = [
    [renameAll('settle_requests', 'settle_requests_of_tomorrow'), undefined],
    [renameAll('admit_requests', 'admit_requests_of_tomorrow'), 'schema'],
    ['alter table reservations rename to reservations_of_tomorrow', 'schema'],
    ['alter table grants rename column expires_at to ends_at', 'schema'],
  ] as const;
  const backs = [
    renameAll('settle_requests_of_tomorrow', 'settle_requests'),
    renameAll('admit_requests_of_tomorrow', 'admit_requests'),
    'alter table reservations_of_tomorrow rename to reservations',
    'alter table grants rename column ends_at to expires_at',
  ];
  for (const [index, [change, check]] of changes.entries()) {
    await sql.raw(change).execute(db);
    if (check !== undefined) {
      const refused = await proxy.chat(token);
      expect([change, refused.status, refused.headers.get('retry-after')]).toEqual([change, 503, '5']);
      await refused.arrayBuffer();
      const unready = await readReadiness(proxy);
      if (!change.includes('column')) expect([change, failingChecks(unready)]).toEqual([change, [check]]);
    } else {
      expect((await proxy.chat(token)).status).toBe(200);
      await waitUntil(
        () => proxy.lines.some((line) => line.includes('"event":"settlement_failed"')),
        'it is not settled',
      );
    }
    await sql.raw(backs[index] ?? '').execute(db);
    await waitUntil(async () => (await proxy.chat(token)).status === 200, 'it serves again');
    await becomes(proxy, 200);
  }
  expect(proxy.lines.filter((line) => line.includes('"unexpected_error"'))).toEqual([]);
  expect(proxy.lines.some((line) => line.includes('"event":"schema_mismatch"'))).toBe(true);
  expect(proxy.upstream.hits.length).toBe(hits + changes.length + 1);
  const isSettled = async () => (await findGrantStatus(db, grant.id))?.usage.reserved === 0n;
  await waitUntil(isSettled, 'the request that could not be settled is settled');
});

it('U1: a proxy that is stopping reports that it is not ready, and still serves requests for a while', async () => {
  const proxy = await start({ limits: { unreadyMilliseconds: 2_000 } });
  await becomes(proxy, 200);
  const { token } = await proxy.connect();
  expect((await proxy.chat(token)).status).toBe(200);
  const closed = proxy.proxies[0]?.close();
  const unready = await readReadiness(proxy);
  expect([unready.status, failingChecks(unready)]).toEqual([503, ['accepting']]);
  expect((await fetch(`${proxy.url}/health/live`)).status).toBe(200);
  for (let request = 0; request < 5; request += 1) expect((await proxy.chat(token)).status).toBe(200);
  await closed;
  await expect(fetch(`${proxy.url}/health/live`)).rejects.toThrow();
});
