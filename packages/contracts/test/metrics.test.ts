import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import { counter, gauge, histogram, label, MetricsPage, serveMetrics } from '../src/index.js';

const table = {
  requests: counter('requests_total', 'Requests.', { end: label<'answered' | 'refused'>('how it ended') }),
  waiting: gauge('waiting', 'What waits.'),
  duration: histogram('duration_seconds', 'How long it takes.', [0.1, 1]),
};

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

const logged: object[] = [];
const log = { warn: (fields: object) => logged.push(fields) };

async function serve(page: MetricsPage<typeof table>): Promise<string> {
  const server = await serveMetrics(page, { host: '127.0.0.1', port: 0 }, log);
  if (server === undefined) throw new Error('the metrics are not served');
  opened.push(server.close);
  return `http://127.0.0.1:${server.port}`;
}

it('writes what was counted, observed and read in the format of Prometheus', async () => {
  const page = new MetricsPage(table);
  page.instruments.requests.inc({ end: 'answered' });
  page.instruments.requests.inc({ end: 'answered' }, 2);
  page.instruments.duration.observe({}, 0.5);
  page.addReader(() => page.instruments.waiting.set({}, 7));
  const text = await page.read();
  expect(text).toContain('# HELP requests_total Requests.\n# TYPE requests_total counter\n');
  for (const line of [
    'requests_total{end="answered"} 3',
    'waiting 7',
    'duration_seconds_bucket{le="0.1"} 0',
    'duration_seconds_bucket{le="1"} 1',
    'duration_seconds_sum 0.5',
  ])
    expect(text.split('\n')).toContain(line);
});

it('does not compile with a label whose values have no bound, nor with another value of a label', () => {
  // @ts-expect-error: any text could be a value of this label
  label<string>('the model that a client names');
  const page = new MetricsPage(table);
  // @ts-expect-error: the label has no such value
  page.instruments.requests.inc({ end: 'lost' });
  // @ts-expect-error: the label is missing
  expect(() => page.instruments.requests.inc({})).not.toThrow();
});

it('serves the metrics at one path, with the metrics of the process, and refuses everything else', async () => {
  const url = await serve(new MetricsPage(table));
  const answer = await fetch(`${url}/metrics`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  const text = await answer.text();
  for (const name of ['waiting', 'nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes'])
    expect(text).toContain(`# TYPE ${name} gauge`);
  const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  const posted = await fetch(`${url}/metrics`, { method: 'POST', body: 'x' });
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  for (const path of ['/', '/metrics/', '/metrics?x=1', '/health/live'])
    expect((await fetch(`${url}${path}`)).status).toBe(404);
});

it('reads the metrics once for requests that come at the same time', async () => {
  const page = new MetricsPage(table);
  let readings = 0;
  page.addReader(async () => {
    readings += 1;
    await setImmediate();
  });
  const { port } = new URL(await serve(page));
  const one = 'GET /metrics HTTP/1.1\r\nhost: x\r\n';
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`${one}\r\n${one}\r\n${one}connection: close\r\n\r\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString().split('HTTP/1.1 200 OK').length - 1).toBe(3);
  expect(readings).toBe(1);
});

it('answers 500 and logs the error when a reading fails, and the next request as usual', async () => {
  const page = new MetricsPage(table);
  let isBroken = true;
  page.addReader(() => (isBroken ? Promise.reject(new Error('secret')) : undefined));
  const url = await serve(page);
  const failed = await fetch(`${url}/metrics`);
  expect([failed.status, await failed.text()]).toEqual([500, '']);
  expect(logged).toEqual([{ event: 'metrics_failed', err: expect.objectContaining({ message: 'secret' }) }]);
  isBroken = false;
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
});

it('without an address to listen on, no metrics are served', async () => {
  expect(await serveMetrics(new MetricsPage(table), undefined, log)).toBeUndefined();
});
