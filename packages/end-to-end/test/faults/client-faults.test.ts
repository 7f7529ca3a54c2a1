import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { waitUntil } from '../harness/wait-until.js';
import { answerSoon, priceOf, streamTokens } from './support/billing-upstream.js';
import { waitForQuiet } from './support/books.js';
import { Experiment } from './support/experiment.js';
import { startLaboratory } from './support/laboratory.js';
import type { Access } from './support/load.js';
import { createRandom } from './support/random.js';
import { RawClients } from './support/raw-clients.js';
import { itOnLinux, scale, seed, timeoutMilliseconds } from './support/scale.js';

let experiment: Experiment;
let clients: RawClients;
const random = createRandom(seed);

beforeAll(async () => {
  experiment = new Experiment(
    await startLaboratory({
      isTestBuild: true,
      proxyEnvironment: { LIMITS: JSON.stringify({ stalledClientMilliseconds: 1_000 }) },
    }),
  );
  clients = new RawClients(experiment);
  await experiment.addGrant();
}, timeoutMilliseconds);

afterAll(async () => {
  await experiment?.laboratory.stop();
});

function findAccess(): Access {
  const [access] = experiment.accesses;
  if (access === undefined) throw new Error('there is no grant');
  return access;
}

/** The number of requests that have ended at the proxies, with or without an answer. */
function countExchanges(): number {
  return experiment.laboratory.resourceProxies
    .map((proxy) => proxy.output().split('"event":"proxied_request"').length - 1)
    .reduce((sum, count) => sum + count, 0);
}

/** The number of open sockets and files of the proxies. */
function countDescriptors(): number {
  return experiment.laboratory.resourceProxies.reduce((sum, { pid }) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
}

// The ids at the beginning of titles are rows of docs/security.md.
itOnLinux(
  'F16, 3.6: a client that disconnects at any moment of a stream is charged for the produced output',
  async () => {
    const access = findAccess();
    const chunks = 100;
    experiment.laboratory.upstream.mode = streamTokens({ chunks, everyMilliseconds: 4 });
    const before = countDescriptors();
    const each = scale(10, 50);
    for (const percent of [0, 1, 50, 99])
      await Promise.all(
        Array.from({ length: each }, (_, index) =>
          clients.leave(access, { at: (percent * chunks) / 100, proxy: index % 2 }),
        ),
      );
    // More clients leave at random points.
    await Promise.all(
      Array.from({ length: each }, (_, index) => clients.leave(access, { at: random() * chunks, proxy: index % 2 })),
    );
    const violations = await experiment.close({
      row: 'F16',
      fault: 'client leaves at 0, 1, 50 or 99 % of a stream, or anywhere',
      faults: each * 5,
    });
    expect(violations).toEqual([]);
    await waitUntil(
      () => experiment.laboratory.upstream.recorder.open.size === 0,
      'the connection to the AI provider is closed',
      20_000,
    );
    // The proxies keep idle connections to the AI provider, up to the number of parallel answers.
    await waitUntil(() => countDescriptors() <= before + 20 + 2 * each, 'sockets are let go', 20_000);
  },
  timeoutMilliseconds,
);

it(
  'F16, 3.6: when clients disconnect early, they are charged exactly what the AI provider bills',
  async () => {
    const { upstream, query } = experiment.laboratory;
    const access = await experiment.addGrant();
    const chunks = 50;
    upstream.mode = streamTokens({ chunks, everyMilliseconds: 4 });
    const rounds = scale(2, 20);
    for (let round = 0; round < rounds; round += 1)
      for (const percent of [2, 50, 98]) {
        await clients.leave(access, { at: (percent * chunks) / 100, proxy: round % 2 });
        await waitUntil(() => upstream.recorder.open.size === 0, 'the answer was read to its end', 20_000);
      }
    await waitForQuiet(experiment.laboratory);
    const billed = upstream.bills
      .filter(({ grant }) => grant === access.grant)
      .reduce((sum, bill) => sum + priceOf(bill), 0n);
    const [charged] = await query<{ cost: string; kinds: readonly string[] }>(
      'select sum(cost)::text as cost, array_agg(distinct settlement) as kinds from ledger where grant_id = $1',
      [access.grantId],
    );
    const isExact = charged?.cost === String(billed) && charged.kinds.join() === 'reported';
    const violations = await experiment.close({
      row: 'F16',
      fault: 'client leaves now and then',
      faults: rounds * 3,
      violations: isExact ? [] : [`${billed} was billed, and ${charged?.cost} is charged (${charged?.kinds.join()})`],
    });
    expect(violations).toEqual([]);
  },
  timeoutMilliseconds,
);

it(
  'F16: a client that half-closes its connection gets an answer or is disconnected, and is charged correctly',
  async () => {
    const access = findAccess();
    experiment.laboratory.upstream.mode = answerSoon({ afterMilliseconds: 20 });
    const count = scale(10, 200);
    const exchanges = countExchanges();
    const answers = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const socket = await clients.open(index % 2, { allowHalfOpen: true });
        let text = '';
        socket.on('data', (more: string) => {
          text += more;
        });
        const ended = new Promise((resolve) => {
          socket.once('end', resolve).once('close', resolve);
        });
        socket.end(clients.formatRequest(access));
        await ended;
        socket.destroy();
        return text.slice(0, 12);
      }),
    );
    await waitUntil(() => countExchanges() >= exchanges + count, 'every request has come to its end', 20_000);
    const violations = await experiment.close({ row: 'F16', fault: 'client half-closes', faults: count });
    expect(violations).toEqual([]);
    expect(answers.filter((start) => start !== '' && start !== 'HTTP/1.1 200')).toEqual([]);
  },
  timeoutMilliseconds,
);

it(
  'F16: pipelined requests are answered in order, and each is charged correctly',
  async () => {
    const access = findAccess();
    experiment.laboratory.upstream.mode = (call, response) =>
      answerSoon({ afterMilliseconds: call.bill.number % 2 === 0 ? 30 : 1 })(call, response);
    const connections = scale(5, 50);
    const depth = 6;
    const answers = await Promise.all(
      Array.from({ length: connections }, async (_, index) => {
        const socket = await clients.open(index % 2);
        let text = '';
        const done = new Promise<void>((resolve) => {
          socket.on('data', (more: string) => {
            text += more;
            if (text.split('"total_tokens"').length > depth) resolve();
          });
          socket.once('close', resolve);
        });
        socket.write(Array.from({ length: depth }, () => clients.formatRequest(access)).join(''));
        await done;
        socket.destroy();
        // Each request has a larger output limit than the one before it. The AI provider uses the whole limit, so the
        // usage shows the order of the answers.
        return [...text.matchAll(/"completion_tokens":(\d+)/g)].map(([, tokens]) => Number(tokens));
      }),
    );
    for (const tokens of answers) {
      expect(tokens).toHaveLength(depth);
      expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    }
    const violations = await experiment.close({
      row: 'F16',
      fault: `client pipelines ${depth} requests`,
      faults: connections,
    });
    expect(violations).toEqual([]);
  },
  timeoutMilliseconds,
);

itOnLinux(
  'F16, 3.7: clients that never read are disconnected, and their memory and sockets are released',
  async () => {
    const access = findAccess();
    const { upstream, resourceProxies } = experiment.laboratory;
    const piece = Buffer.alloc(65_536, 'x');
    upstream.mode = (call, response) => {
      call.bill.completionTokens = call.maxTokens;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const pump = () => {
        while (!response.destroyed && response.write(piece));
        if (!response.destroyed) response.once('drain', pump);
      };
      pump();
    };
    const memory = () => resourceProxies.reduce((sum, proxy) => sum + proxy.memoryMegabytes(), 0);
    const before = { descriptors: countDescriptors(), memory: memory() };
    const count = scale(20, 200);
    const sockets = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const socket = await clients.open(index % 2);
        socket.pause();
        socket.write(clients.formatRequest(access, { isStream: true }));
        return socket;
      }),
    );
    await waitUntil(() => upstream.recorder.open.size > 0, 'streams are under way', 20_000);
    await waitUntil(() => upstream.recorder.open.size === 0, 'the connection to the AI provider was closed', 30_000);
    const added = memory() - before.memory;
    for (const socket of sockets) socket.destroy();
    const violations = await experiment.close({
      row: 'F16',
      fault: 'client never reads',
      faults: count,
      detail: { addedMegabytes: Math.round(added) },
    });
    expect(violations).toEqual([]);
    // A heap grows by some dozens of MB before garbage is collected. An unbounded buffer grows by hundreds of MB each
    // second.
    expect(added).toBeLessThan(resourceProxies.length * 64 + count * 2);
    await waitUntil(() => countDescriptors() <= before.descriptors + 20, 'sockets are let go', 20_000);
  },
  timeoutMilliseconds,
);
