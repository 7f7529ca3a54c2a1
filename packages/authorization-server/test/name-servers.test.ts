import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DocumentUnreadable, fetchDocument } from '../src/documents/fetch-document.js';
import { createFetchQueue } from '../src/documents/fetch-queue.js';
import { resolvePublic } from '../src/documents/resolve-public.js';
import { type NameServer, openNameServer } from './support/name-server.js';

const publicV4 = '93.184.215.14';
const publicV6 = '2606:2800:21f:cb07:6820:80da:af6b:8b2c';
const loopbackV6 = '0:0:0:0:0:0:0:1';

let names: NameServer;
beforeAll(async () => {
  names = await openNameServer({
    'public.example': [publicV4, publicV6],
    'old.example': [publicV4],
    'empty.example': [],
    'inside.example': ['127.0.0.1'],
    'inside6.example': [loopbackV6],
    'both.example': [publicV4, '10.0.0.1'],
    'both6.example': [publicV4, loopbackV6],
    'mapped.example': ['0:0:0:0:0:ffff:7f00:0001'],
  });
});
afterAll(() => names.close());

/** @returns why the document could not be read */
async function fetchFrom(host: string, timeoutMilliseconds = 3_000): Promise<string | undefined> {
  const outcome = await fetchDocument({
    url: new URL(`https://${host}/client.json`),
    accepts: { header: 'application/json', contentType: /json/ },
    maxBytes: 5_000,
    timeoutMilliseconds,
    trustedHosts: [],
    nameServers: [names.address],
  }).catch((error: unknown) => error);
  return outcome instanceof DocumentUnreadable ? outcome.problem : undefined;
}

it('SSRF: a host with any IP address that is not public is refused, and names of a local network are not even resolved', async () => {
  for (const host of ['inside', 'inside6', 'both', 'both6', 'mapped'])
    expect([host, await fetchFrom(`${host}.example`)]).toEqual([host, 'address_refused']);
  const before = names.asked.length;
  for (const host of ['localhost', 'localhost.', 'database'])
    expect([host, await fetchFrom(host)]).toEqual([host, 'address_refused']);
  expect(names.asked.length).toBe(before);
});

it('a host is resolved to its IPv4 and IPv6 addresses, and to those of one kind if it has no others', async () => {
  const resolve = (host: string) =>
    resolvePublic(host, { signal: AbortSignal.timeout(5_000), nameServers: [names.address] });
  expect(await resolve('public.example')).toEqual([
    { address: publicV4, family: 4 },
    { address: publicV6, family: 6 },
  ]);
  expect(await resolve('old.example')).toEqual([{ address: publicV4, family: 4 }]);
  expect(await fetchFrom('empty.example')).toBe('unreachable');
});

// The ids at the beginning of titles are rows of docs/security.md.
it('3.7: hosts whose name server never answers do not keep this process from resolving other names', async () => {
  let waiting = 8;
  const fetches = Array.from({ length: waiting }, async (_, index) => {
    const problem = await fetchFrom(`silent-${index}.example`);
    waiting -= 1;
    return problem;
  });
  // `lookup` and `readFile` share a few threads. They would wait if each of the fetches occupied one of these threads.
  await Promise.all([lookup('localhost'), readFile(new URL(import.meta.url))]);
  expect(waiting).toBe(8);
  expect(new Set(await Promise.all(fetches))).toEqual(new Set(['unreachable']));
});

it('after the time limit for a document, its host is no longer resolved', async () => {
  expect(await fetchFrom('slow.example', 200)).toBe('too_slow');
  await sleep(1_200);
  // one question for each kind of address, and none of them again after half a second
  expect(names.asked.filter((name) => name === 'slow.example')).toHaveLength(2);
});

it('3.7: 16 documents are fetched at a time and 32 wait; further ones are refused until one has ended', async () => {
  const queue = createFetchQueue();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let begun = 0;
  const fetches = Array.from({ length: 48 }, () =>
    queue(() => {
      begun += 1;
      return ended;
    }),
  );
  await expect(queue(() => Promise.resolve())).rejects.toMatchObject({ denial: { reason: 'too_many_attempts' } });
  await nextTurn();
  expect(begun).toBe(16);
  end();
  await Promise.all(fetches);
  expect([begun, await queue(() => Promise.resolve('served'))]).toEqual([48, 'served']);
});
