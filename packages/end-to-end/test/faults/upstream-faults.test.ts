import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { streamTokens, type UpstreamMode } from './support/billing-upstream.js';
import { waitForQuiet } from './support/books.js';
import { Experiment } from './support/experiment.js';
import { startLaboratory } from './support/laboratory.js';
import type { ChatResult } from './support/load.js';
import { eventStream, misbehaviours } from './support/misbehaviours.js';
import { bound, itOnLinux, scale, timeoutMilliseconds } from './support/scale.js';
import { watchEventLoop } from './support/watch-event-loop.js';

let experiment: Experiment;
let deaf: Server;

/** Longer than any answer takes, except the answers that are late on purpose. */
const limits = {
  connectTimeoutMilliseconds: 2_500,
  answerTimeoutMilliseconds: 2_500,
  idleTimeoutMilliseconds: 2_500,
  maxExchangeMilliseconds: scale(4_000, 8_000),
};

beforeAll(async () => {
  // this server has no certificate, so every TLS handshake fails
  deaf = createServer({});
  await new Promise<void>((resolve) => {
    deaf.listen(0, '127.0.0.1', resolve);
  });
  const address = deaf.address();
  const deafPort = typeof address === 'object' ? address?.port : undefined;
  experiment = new Experiment(
    await startLaboratory({
      isTestBuild: true,
      proxyEnvironment: {
        LIMITS: JSON.stringify(limits),
        // no server listens on port 1
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
        GOOGLE_BASE_URL: `https://127.0.0.1:${deafPort}`,
      },
    }),
  );
  for (let grant = 0; grant < 2; grant++) await experiment.addGrant();
}, timeoutMilliseconds);

afterAll(async () => {
  await experiment?.laboratory.stop();
  deaf?.close();
});

// The ids at the beginning of titles are rows of docs/security.md.
it.each(misbehaviours)(
  'F15, 3.6: if an AI provider $name, each request is charged no less than the provider can bill',
  async ({ name, mode, seen, settled, streams = 0 }) => {
    const { laboratory } = experiment;
    const before = laboratory.upstream.bills.length;
    laboratory.upstream.mode = mode;
    const count = scale(6, 200);
    let sent = 0;
    const answers = await experiment.load({
      streamsOfTen: streams,
      callers: scale(6, 50),
      isOver: () => sent++ >= count,
    });
    expect([...new Set(answers.map(describe))].filter((words) => !seen.includes(words))).toEqual([]);
    expect(laboratory.upstream.bills.length - before).toBe(answers.length);
    const violations = await experiment.close({ row: 'F15', fault: `AI provider ${name}`, faults: answers.length });
    expect(violations).toEqual([]);
    const rows = await laboratory.query<{ settlement: string }>(
      'select distinct settlement from (select settlement from ledger order by admitted_at desc limit $1) l',
      [answers.length],
    );
    expect(rows.map(({ settlement }) => settlement).filter((word) => !settled.includes(word))).toEqual([]);
  },
  timeoutMilliseconds,
);

/**
 * The status, and whether the answer is complete. A failed stream is complete in HTTP, but its last event is an error.
 */
function describe({ status, isStream, isWhole, text }: ChatResult): string {
  if (status !== 200) return `${status} ${text.endsWith('}') ? 'whole' : 'broken'}`;
  return `200 ${isWhole && (!isStream || !text.includes('"error"')) ? 'whole' : 'broken'}`;
}

it.each([
  ['refuses connections', 'anthropic', 'claude-haiku-4-5', '/anthropic/v1/messages'],
  ['has no certificate', 'google', 'gemini-2.5-flash', '/google/v1beta/models/gemini-2.5-flash:generateContent'],
])(
  'F15: if an AI provider %s, the answer is 502, and the request does not count',
  async (name, upstream, reachedModel, path) => {
    const { laboratory } = experiment;
    const { targets, query } = laboratory;
    // a grant that no other test uses
    const access = await laboratory.grant({ maxRequests: 2 }, { scope: `model:${reachedModel} cap:chat` });
    const body =
      upstream === 'anthropic'
        ? { model: reachedModel, max_tokens: 100, messages: [{ role: 'user', content: 'Hello?' }] }
        : { contents: [{ role: 'user', parts: [{ text: 'Hello?' }] }], generationConfig: { maxOutputTokens: 100 } };
    const count = scale(3, 100);
    for (let number = 0; number < count; number++) {
      const answer = await fetch(`${targets[number % 2]}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${access.accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining('could not be reached')]);
      // the next request is allowed only after the settlement, which gives back a request that does not count
      await waitForQuiet(experiment.laboratory);
    }
    const violations = await experiment.close({
      row: 'F15',
      fault: `AI provider ${name}`,
      faults: count,
      requests: count,
    });
    expect(violations).toEqual([]);
    const rows = await query('select settlement, counted, cost::integer from ledger where grant_id = $1', [
      access.grantId,
    ]);
    expect(rows).toEqual(Array.from({ length: count }, () => ({ settlement: 'released', counted: false, cost: 0 })));
  },
  timeoutMilliseconds,
);

const lineMegabytes = scale(200, 400);
const chunks = scale(5_000, 100_000);

/** Sends bytes without a line ending, as fast as they are read. */
const sendLine =
  (totalBytes: number): UpstreamMode =>
  (_call, response) => {
    response.writeHead(200, eventStream).write('data: ');
    const piece = Buffer.alloc(65_536, 'x');
    let sentBytes = 0;
    const pump = () => {
      while (sentBytes < totalBytes && !response.destroyed) {
        sentBytes += piece.length;
        if (!response.write(piece)) {
          response.once('drain', pump);
          return;
        }
      }
      response.end('\n\ndata: [DONE]\n\n');
    };
    pump();
  };

itOnLinux.each([
  [`a line of ${lineMegabytes} megabytes`, sendLine(lineMegabytes * 1_000_000)],
  [`${chunks} chunks`, streamTokens({ chunks, everyMilliseconds: 0 })],
] satisfies [string, UpstreamMode][])(
  'F15, 3.7: the proxy passes on %s from an AI provider, without long stalls and with little memory',
  async (name, mode) => {
    const { upstream, resourceProxies } = experiment.laboratory;
    const [proxy] = resourceProxies;
    if (proxy === undefined) throw new Error('no proxy runs');
    // the default time limits of the servers, because a busy machine needs longer for these answers
    await proxy.stop();
    await proxy.start({ LIMITS: '{}' });
    upstream.mode = mode;
    const before = proxy.memoryMegabytes();
    let most = before;
    let isOver = false;
    let sent = 0;
    const count = scale(2, 5);
    const watching = watchEventLoop(proxy.url, () => isOver);
    const measuring = (async () => {
      for (; !isOver; await sleep(20)) most = Math.max(most, proxy.memoryMegabytes());
    })();
    const seen = await experiment.load({
      targets: [proxy.url],
      streamsOfTen: 10,
      callers: 1,
      isOver: () => sent++ >= count,
    });
    isOver = true;
    await measuring;
    const stall = await watching;
    expect(seen.map(({ isWhole }) => isWhole)).toEqual(seen.map(() => true));
    const violations = await experiment.close({
      row: 'F15',
      fault: `AI provider: ${name}`,
      faults: seen.length,
      detail: { longestStallMilliseconds: Math.round(stall), addedMegabytes: Math.round(most - before) },
    });
    expect(violations).toEqual([]);
    expect(most - before).toBeLessThan(160);
    expect(stall).toBeLessThan(bound(2_000, 5_000));
  },
  timeoutMilliseconds,
);

it('3.6: of the faulty answers, only those with an impossible usage are charged the whole reservation', async () => {
  const rows = await experiment.laboratory.query<{ settlement: string }>(
    `select distinct settlement from ledger where settlement in ('estimated', 'abandoned', 'doubted')`,
  );
  expect(rows).toEqual([{ settlement: 'doubted' }]);
});
