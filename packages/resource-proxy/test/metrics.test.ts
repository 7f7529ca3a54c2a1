import { randomUUID } from 'node:crypto';
import { settleDeadReplicas } from '@aipassport/store/proxying';
import { afterEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { answerJson } from './support/recording-upstream.js';
import { sendRaw } from './support/send-raw.js';
import { TcpFront } from './support/tcp-front.js';
import { chat, chatPath, operatorKey, TestProxy, type TestProxyOptions } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const opened: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function start(options: TestProxyOptions = {}): Promise<TestProxy> {
  const proxy = await TestProxy.start({ hasMetrics: true, ...options });
  opened.push(() => proxy.stop());
  return proxy;
}

/** The series and their values; the name of a series contains its labels. */
async function readSeries(proxy: TestProxy): Promise<ReadonlyMap<string, number>> {
  const lines = (await proxy.readMetrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** Waits until the series has the value, because a request is counted after its answer. */
async function expectSeries(proxy: TestProxy, series: string, value: number): Promise<void> {
  let found: number | undefined;
  await waitUntil(async () => (found = (await readSeries(proxy)).get(series)) === value, `${series} is ${value}`).catch(
    () => undefined,
  );
  expect([series, found]).toEqual([series, value]);
}

const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 };

it('counts requests, refusals, answers by upstream, model and status, and the parts of admission and settlement', async () => {
  const proxy = await start();
  const { token } = await proxy.connect();
  proxy.upstream.behaviour = answerJson({ choices: [], usage });
  expect((await proxy.chat(token, { unknown_member: 1 })).status).toBe(200);
  proxy.upstream.behaviour = answerJson({ error: { message: 'slow down' } }, 429);
  expect((await proxy.chat(token)).status).toBe(429);
  proxy.upstream.behaviour = (_hit, response) => void response.destroy();
  expect((await proxy.chat(token)).status).toBe(502);
  expect((await proxy.chat('not-a-token')).status).toBe(401);
  expect((await fetch(`${proxy.url}/openai/v1/unknown`)).status).toBe(404);

  const answers = 'aipassport_proxy_upstream_answers_total{upstream="openai",model="gpt-4o-mini"';
  const requests = 'aipassport_proxy_requests_total';
  for (const [series, value] of [
    [`${requests}{upstream="openai",reason="answered"}`, 2],
    [`${requests}{upstream="openai",reason="upstream_failed"}`, 1],
    [`${requests}{upstream="openai",reason="token_invalid"}`, 1],
    [`${requests}{upstream="none",reason="path_unknown"}`, 1],
    ['aipassport_proxy_dropped_fields_total{upstream="openai"}', 1],
    [`${answers},status="2xx"}`, 1],
    [`${answers},status="429"}`, 1],
    [`${answers},status="none"}`, 1],
    ['aipassport_proxy_upstream_first_byte_seconds_count{upstream="openai",model="gpt-4o-mini"}', 1],
    ['aipassport_proxy_admission_seconds_count', 3],
    ['aipassport_proxy_admission_batch_requests_sum', 3],
    ['aipassport_proxy_settlement_seconds_count', 3],
    ['aipassport_proxy_settlements_total{settlement="reported"}', 1],
    ['aipassport_proxy_settlements_total{settlement="doubted"}', 0],
    ['aipassport_proxy_pending_settlements', 0],
    ['aipassport_proxy_oldest_settlement_seconds', 0],
    ['aipassport_ready', 1],
  ] as const)
    await expectSeries(proxy, series, value);
});

it('counts a provider that cannot be reached, and not a client that leaves before the answer', async () => {
  const away = await start({ upstreamUrl: 'http://127.0.0.1:9' });
  const answers = 'aipassport_proxy_upstream_answers_total{upstream="openai",model="gpt-4o-mini",status="none"}';
  expect((await away.chat((await away.connect()).token)).status).toBe(502);
  await expectSeries(away, answers, 1);
  const proxy = await start({ limits: { maxDrainsPerGrant: 0 } });
  proxy.upstream.behaviour = () => undefined;
  const leaving = new AbortController();
  const left = proxy.chat((await proxy.connect()).token, {}, { signal: leaving.signal });
  await waitUntil(() => proxy.upstream.hits.length === 1, 'the request has reached the provider');
  leaving.abort();
  await expect(left).rejects.toThrow();
  await expectSeries(proxy, 'aipassport_proxy_requests_total{upstream="openai",reason="client_left"}', 1);
  expect((await readSeries(proxy)).get(answers)).toBeUndefined();
});

it('shows the requests in progress and what they have reserved', async () => {
  const proxy = await start();
  const { token } = await proxy.connect();
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  proxy.upstream.behaviour = (_hit, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"choices":[{"delta":{"content":"word "}}]}\n\n');
    void mayEnd.then(() => response.end(`data: {"choices":[],"usage":${JSON.stringify(usage)}}\n\ndata: [DONE]\n\n`));
  };
  const answer = await proxy.chat(token, { stream: true, max_tokens: 1_000 });
  expect(answer.status).toBe(200);
  const { rows } = await sql<{
    usd: number;
  }>`select sum(reserved)::double precision / 1e9 as usd from reservations`.execute(proxy.database.db);
  expect(rows[0]?.usd).toBeGreaterThan(0);
  await expectSeries(proxy, 'aipassport_reserved_usd', rows[0]?.usd ?? 0);
  await expectSeries(proxy, 'aipassport_open_reservations', 1);
  await expectSeries(proxy, 'aipassport_proxy_live_requests', 1);
  end();
  expect(await answer.text()).toContain('[DONE]');
  await expectSeries(proxy, 'aipassport_open_reservations', 0);
  await expectSeries(proxy, 'aipassport_reserved_usd', 0);
  await expectSeries(proxy, 'aipassport_proxy_live_requests', 0);
});

it('shows the health of the lease, of the listener for revocations and of the ledger', async () => {
  const proxy = await start();
  await waitUntil(() => proxy.lines.some((line) => line.includes('revocations_heard')), 'the listener listens');
  const series = await readSeries(proxy);
  for (const name of ['aipassport_proxy_lease_age_seconds', 'aipassport_proxy_revocation_heartbeat_age_seconds']) {
    expect(series.get(name)).toBeGreaterThanOrEqual(0);
    expect(series.get(name)).toBeLessThan(10);
  }
  expect(series.get('aipassport_ledger_misplaced_rows')).toBe(0);
  expect(series.get('aipassport_abandoned_requests')).toBe(0);
  expect(series.get('aipassport_proxy_lease_losses_total')).toBe(0);
  expect(series.get('aipassport_proxy_body_memory_limit_bytes')).toBeGreaterThan(2 ** 20);
  expect(series.get('aipassport_proxy_body_memory_bytes')).toBe(0);
  const connections = ['busy', 'idle'].map((state) => series.get(`aipassport_database_connections{state="${state}"}`));
  expect(connections[0]).toBeGreaterThanOrEqual(0);
  expect((connections[0] ?? 0) + (connections[1] ?? 0)).toBeGreaterThan(0);
  expect(series.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
});

it('counts a lost lease, and the requests that were charged in full because of it, until they are corrected', async () => {
  const proxy = await start();
  const { db } = proxy.database;
  const { token } = await proxy.connect();
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  proxy.upstream.behaviour = (hit, response) =>
    void mayEnd.then(() => answerJson({ choices: [], usage })(hit, response));
  const answer = proxy.chat(token);
  await waitUntil(() => proxy.upstream.open.size === 1, 'the request is in progress');
  // another process concludes that this one is dead
  await sql`delete from replicas`.execute(db);
  expect(await settleDeadReplicas(db)).toBe(1);
  await expectSeries(proxy, 'aipassport_abandoned_requests', 1);
  await expectSeries(proxy, 'aipassport_proxy_lease_losses_total', 1);
  await expectSeries(proxy, 'aipassport_proxy_late_corrections_total', 0);
  end();
  expect((await answer).status).toBe(200);
  await expectSeries(proxy, 'aipassport_abandoned_requests', 0);
  await expectSeries(proxy, 'aipassport_proxy_late_corrections_total', 1);
});

it('while the database cannot be reached, metrics are served, and the gauges that are read from it are NaN', async () => {
  const front = await TcpFront.open(process.env['TEST_DATABASE_URL'] ?? '');
  opened.push(() => front.close());
  const proxy = await start({ databaseUrl: (url) => front.through(url) });
  await expectSeries(proxy, 'aipassport_ready', 1);
  front.cut();
  await expectSeries(proxy, 'aipassport_ready', 0);
  expect((await readSeries(proxy)).get('aipassport_reserved_usd')).toBeNaN();
  expect(await proxy.readMetrics()).toMatch(/^aipassport_reserved_usd nan$/im);
  const { token } = await proxy.connect();
  expect((await proxy.chat(token)).status).toBe(503);
  await expectSeries(proxy, 'aipassport_proxy_requests_total{upstream="openai",reason="database_unavailable"}', 1);
});

it('no request can add a series, or text from the request, to the metrics', async () => {
  const proxy = await start({
    priceOverrides: { models: [], discounts: [], hash: '', unknownAs: [{ upstream: 'openai', id: 'gpt-4o-mini' }] },
  });
  const { token, grant } = await proxy.connect('model:openai/* cap:chat');
  proxy.upstream.behaviour = answerJson({ choices: [], usage }, 200);
  const attack = async (mark: string) => {
    const headers = { 'user-agent': mark, 'x-request-id': mark, 'openai-organization': mark };
    await proxy.chat(token, { model: `gpt-${mark}`, [`field-${mark}`]: mark, messages: chat.messages }, { headers });
    await proxy.chat(token, { model: `${mark}"} 1\naipassport_ready{x="`, user: mark }, { headers });
    await proxy.chat(token, { messages: [{ role: 'user', content: mark }], max_tokens: -1 });
    await proxy.post(`/openai/v1/${mark}`, {}, token);
    await proxy.post(`/${mark}/v1/chat/completions`, {}, token);
    await proxy.post(`${chatPath}?${mark}=1`, chat, token);
    const asked = { origin: `https://${mark}.example`, 'access-control-request-method': 'POST' };
    await fetch(`${proxy.url}/${mark}?${mark}=${mark}`, { method: 'OPTIONS', headers: asked });
    await proxy.chat(mark);
    await proxy.chat(await proxy.createToken(grant, { claims: { client_id: mark } }));
    await sendRaw(proxy.port, `${mark} /openai/v1/models HTTP/1.1\r\nhost: ${mark}\r\n\r\n`).catch(() => undefined);
    // a provider is not trusted either
    proxy.upstream.behaviour = answerJson({ error: { code: mark, type: mark, message: mark } }, 599);
    await proxy.chat(token);
    proxy.upstream.behaviour = answerJson({ choices: [], usage, model: mark });
    await proxy.chat(token);
  };
  /** CORS preflights and malformed HTTP are not counted. */
  const countedPerAttack = 10;
  const becomes = (attacks: number) =>
    waitUntil(async () => {
      const series = [...(await readSeries(proxy))];
      const sum = series
        .filter(([name]) => name.startsWith('aipassport_proxy_requests_total'))
        .reduce((total, [, value]) => total + value, 0);
      const pending = series.find(([name]) => name === 'aipassport_proxy_pending_settlements');
      return sum === attacks * countedPerAttack && pending?.[1] === 0;
    }, `the requests of ${attacks} attacks are counted and settled`);
  await attack('first-mark');
  await becomes(1);
  const names = async () =>
    [...(await readSeries(proxy)).keys()].filter((name) => name.startsWith('aipassport_')).sort();
  const before = await names();
  expect(before).toContain('aipassport_proxy_upstream_answers_total{upstream="openai",model="other",status="2xx"}');
  const marks = Array.from({ length: 5 }, (_, n) => `mark-${n}-${randomUUID()}`);
  for (const mark of marks) await attack(mark);
  await becomes(6);
  expect(await names()).toEqual(before);
  const text = await proxy.readMetrics();
  for (const secret of ['mark', token, grant.id, grant.accountId, operatorKey]) expect(text).not.toContain(secret);
});

it('without METRICS_PORT, no port serves metrics', async () => {
  const proxy = await start({ hasMetrics: false });
  expect(proxy.proxies[0]?.metricsPort).toBeUndefined();
  expect((await fetch(`${proxy.url}/metrics`)).status).toBe(404);
});
