import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLong, reportResult } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ClientApp } from '../harness/client-app.js';
import { connect, createOwner } from '../harness/connect.js';
import type { Owner } from '../harness/owner.js';
import { watchStream } from '../harness/watch-stream.js';
import type { AttackOrder, AttackReport } from './bystander/attacker-process.js';
import type { Target } from './bystander/bomb.js';
import { bombs } from './bystander/bombs.js';
import { hear, startChild } from './bystander/child.js';
import { type Watch, watchReplies } from './bystander/victim.js';
import { type Laboratory, startLaboratory } from './support/laboratory.js';
import { bound, scale, timeoutMilliseconds } from './support/scale.js';

/** The duration of each attack. */
const attackMilliseconds = scale(2_500, 8_000);
/** The time from the first byte of a stream to the revocation of its grant. The attack is still running then. */
const revokeAfterMilliseconds = attackMilliseconds - 700;
/**
 * The idle server needs a CPU core once to answer a request. The proxy's answer needs one several times: for the proxy,
 * for the database, and for the proxy again. On a busy machine, it waits for the core each time.
 */
const turnsOfReply = 3;
const everything = 'model:gpt-4o-mini model:whisper-1 cap:chat cap:audio';

let laboratory: Laboratory;
let upstream: ChildProcess;
let attacker: ChildProcess;
let owner: Owner;
let idle: ChildProcess;
let watch: Watch;
/** The same measurements at a server that is not attacked. */
let idleWatch: Watch;
let victimToken = '';
let quietMegabytes = 0;

beforeAll(async () => {
  upstream = startChild('./upstream-process.js');
  const { port } = await hear<{ readonly port: number }>(upstream);
  laboratory = await startLaboratory({
    resourceProxies: 1,
    // without this limit the JavaScript engine collects garbage only after about a hundred megabytes
    proxyHeapMegabytes: 256,
    upstreamUrl: `http://127.0.0.1:${port}`,
    proxyEnvironment: { LEASE_SECONDS: '10', LOG_LEVEL: 'warn' },
  });
  owner = await createOwner(laboratory);
  victimToken = (await connect(laboratory, { owner })).accessToken;
  attacker = startChild('./attacker-process.js');
  watch = watchReplies(`${proxy().url}/openai/v1/models`, () => victimToken);
  idle = startChild('./idle-process.js');
  const idleServer = await hear<{ readonly port: number }>(idle);
  idleWatch = watchReplies(`http://127.0.0.1:${idleServer.port}/`, () => victimToken);
  // the memory after a few ordinary requests, for comparison
  await sleep(1_000);
  quietMegabytes = proxy().memoryMegabytes();
  watch.takeSlowest();
}, timeoutMilliseconds);

afterAll(async () => {
  await watch?.stop();
  await idleWatch?.stop();
  idle?.kill();
  attacker?.kill();
  await laboratory?.stop();
  upstream?.kill();
});

function proxy() {
  const [only] = laboratory.resourceProxies;
  if (only === undefined) throw new Error('no proxy runs');
  return only;
}

/** Makes new access tokens for each attack, because tokens expire after ten minutes. */
async function arm(): Promise<Target> {
  const [first, second] = [await createOwner(laboratory), await createOwner(laboratory)];
  // Objects are stored only with an owner's own provider key.
  for (const holder of [first, second])
    expect((await holder.addKey('openai', 'sk-proj-of-the-attacker0123456789')).status).toBe(200);
  const grant = (holder: Owner, limits = {}) => laboratory.grant(limits, { scope: everything, owner: holder });
  const live = [await grant(first), await grant(second), await grant(first), await grant(second)];
  const exhausted = await grant(first, { maxRequests: 1 });
  const body = { model: 'gpt-4o-mini', messages: [] };
  const used = await postChat(exhausted.accessToken, body);
  await used.arrayBuffer();
  expect(used.status).toBe(200);
  const { client, accessToken: revoked } = await connect(laboratory, { owner: first, scope: everything });
  await client.revokeToken(revoked);
  return {
    port: proxy().port,
    live: live.map(({ accessToken }) => accessToken),
    exhausted: exhausted.accessToken,
    revoked,
  };
}

function postChat(token: string, body: unknown): Promise<Response> {
  return fetch(`${proxy().url}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Revokes the grant of a stream. @returns milliseconds between the revocation's answer and the end of the stream */
async function revokeWhileStreaming(client: ClientApp): Promise<number> {
  const { accessToken, tokens } = await connect(laboratory, { owner, client });
  const stream = watchStream(await postChat(accessToken, { model: 'gpt-4o-mini', stream: true, messages: [] }));
  await stream.begun;
  await sleep(revokeAfterMilliseconds);
  await client.revokeToken(tokens.refresh_token ?? accessToken);
  const answeredAt = performance.now();
  const { endedAtMilliseconds, text } = await stream.ended;
  expect(text).not.toContain('[DONE]');
  return Math.max(0, endedAtMilliseconds - answeredAt);
}

async function watchMemory(isOver: () => boolean): Promise<number> {
  let most = 0;
  while (!isOver()) {
    most = Math.max(most, proxy().memoryMegabytes());
    await sleep(20);
  }
  return most;
}

it.each(bombs.filter(({ isShort = false }) => isLong || isShort).map(({ name, status }) => [name, status] as const))(
  'another client is served in time during the attack: %s',
  async (name, status) => {
    const target = await arm();
    const client = await ClientApp.register(laboratory);
    const pid = proxy().pid;
    await sleep(scale(0, 1_000));
    watch.takeSlowest();
    idleWatch.takeSlowest();
    let isOver = false;
    const memory = watchMemory(() => isOver);
    const order: AttackOrder = { name, target, milliseconds: attackMilliseconds };
    const revocation = revokeWhileStreaming(client);
    attacker.send(order);
    const { answers } = await hear<AttackReport>(attacker);
    const cutMilliseconds = await revocation;
    isOver = true;
    const seen = watch.takeSlowest();
    const idleMilliseconds = idleWatch.takeSlowest().milliseconds;
    const addedMegabytes = (await memory) - quietMegabytes;
    const leasesLost = proxy().output().split('"lease_lost"').length - 1;
    reportResult({
      row: 'bystander',
      fault: name,
      faults: Object.values(answers).reduce((sum, count) => sum + count, 0),
      requests: seen.answers,
      violations: [],
      detail: {
        answers,
        slowestReplyMilliseconds: Math.round(seen.milliseconds),
        idleMilliseconds: Math.round(idleMilliseconds),
        cutMilliseconds: Math.round(cutMilliseconds),
        addedMegabytes: Math.round(addedMegabytes),
        leasesLost,
      },
    });
    // An attack that gets another answer has not reached the code that it is meant to attack.
    const reached = Object.keys(answers).filter((answer) => answer !== '429' && answer !== '503');
    expect([[], status === undefined ? [] : [`${status}`]]).toContainEqual(reached);
    if (isLong) expect(reached).toHaveLength(status === undefined ? 0 : 1);
    expect(proxy().pid).toBe(pid);
    expect(seen.refused).toBe(0);
    const mostMilliseconds = bound(100, 1_000) + turnsOfReply * idleMilliseconds;
    expect(seen.milliseconds).toBeLessThan(mostMilliseconds);
    expect(cutMilliseconds).toBeLessThan(mostMilliseconds);
    expect(addedMegabytes).toBeLessThan(250);
    expect(leasesLost).toBe(0);
  },
  timeoutMilliseconds,
);
