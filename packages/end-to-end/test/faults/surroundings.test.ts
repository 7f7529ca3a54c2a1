import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chatStatus } from '../harness/chat.js';
import { readClaims } from '../harness/connect.js';
import { waitUntil } from '../harness/wait-until.js';
import { answerSoon } from './support/billing-upstream.js';
import { waitForQuiet } from './support/books.js';
import { Experiment } from './support/experiment.js';
import { fakeTime } from './support/fake-time.js';
import { startLaboratory } from './support/laboratory.js';
import { askChat } from './support/load.js';
import { buildChat, estimateOf } from './support/numbered-chat.js';
import { isLong, scale, timeoutMilliseconds } from './support/scale.js';
import { signAnew } from './support/sign-token.js';

let experiment: Experiment;

beforeAll(async () => {
  experiment = new Experiment(await startLaboratory());
  experiment.laboratory.upstream.mode = answerSoon();
}, timeoutMilliseconds);

afterAll(async () => {
  await experiment?.laboratory.stop();
});

/** The first server of each kind, which the tests stop or start with a wrong clock, and the other proxy. */
function findFirst() {
  const { authorizationServers, resourceProxies } = experiment.laboratory;
  const [issuer] = authorizationServers;
  const [proxy, other] = resourceProxies;
  if (issuer === undefined || proxy === undefined || other === undefined) throw new Error('not everything runs');
  return { issuer, proxy, other };
}

const offsets = isLong ? ['+10m', '-10m', '+1d', '-1d', '+40d', '-40d'] : ['-10m', '+1d'];
const withFakeTime = fakeTime('+0') === undefined ? it.skip.each(offsets) : it.each(offsets);

// The ids at the beginning of titles are rows of docs/security.md.
withFakeTime(
  'F12, 3.6: a proxy whose clock is wrong (%s) accepts valid tokens, and refuses expired ones and grants whose limits are used up (needs faketime)',
  async (offset) => {
    const { laboratory } = experiment;
    const { proxy } = findFirst();
    const first = experiment.nextNumber();
    // the requests below use up the daily budget of one grant and the limit per minute of the other
    const day = await experiment.addGrant({ maxCostPerDay: estimateOf(buildChat({ grant: 0, number: first })) * 2n });
    const minute = await experiment.addGrant({ maxRequestsPerMinute: 1 });
    const ask = async (access: typeof day) => {
      const seen = await askChat({ access, number: experiment.nextNumber(), target: proxy.url });
      experiment.seen.push(seen);
      return seen.status;
    };
    expect(await ask(minute)).toBe(200);
    // settling a request gives back the rest of its reservation, so the budget may allow another request
    while ((await ask(day)) === 200) await waitForQuiet(laboratory);

    await proxy.stop();
    await proxy.start(fakeTime(offset));
    expect([await ask(day), await ask(minute)]).toEqual([402, 429]);
    expect(await ask(await experiment.addGrant())).toBe(200);
    await waitUntil(() => proxy.output().includes('"clock_skew"'), 'the operator is warned', 20_000);

    await requireRightTokens();
    const violations = await experiment.close({ row: 'F12', fault: `proxy: clock ${offset}`, faults: 1 });
    expect(violations).toEqual([]);
  },
  timeoutMilliseconds,
);

/**
 * Checks that the proxy accepts tokens by the true time. No authorization server runs meanwhile, so the proxy alone
 * decides whether a token has expired.
 */
async function requireRightTokens(): Promise<void> {
  const { laboratory } = experiment;
  const { proxy, issuer } = findFirst();
  const { accessToken } = await experiment.addGrant();
  await issuer.kill();
  try {
    const now = Date.now() / 1000;
    const ask = async (from: number, to: number) =>
      chatStatus(
        proxy.url,
        await signAnew(laboratory, accessToken, {
          issuedAtSeconds: Math.floor(now + from),
          expiresAtSeconds: Math.floor(now + to),
        }),
      );
    expect(await ask(-660, -60)).toBe(401);
    expect(await ask(-86_400 * 50, -86_400 * 49)).toBe(401);
    expect(await ask(+540, +1_140)).toBe(401);
    expect(await ask(-540, +60)).toBe(200);
  } finally {
    await issuer.start();
  }
}

const wrongIssuers = [
  ['ten minutes ahead', '+10m', 'issued in the future'],
  // This clock is so far behind that the tokens have expired when they are issued, even with the leeway. The leeway is
  // the time for which a proxy still accepts an expired token, because clocks differ.
  ['eleven minutes behind', '-11m', 'expired'],
] as const;
(fakeTime('+0') === undefined ? it.skip.each(wrongIssuers) : it.each(wrongIssuers))(
  'F12: tokens of an authorization server whose clock is %s are refused, and the log says why (needs faketime)',
  async (name, offset, why) => {
    const { issuer, proxy } = findFirst();
    const { upstream } = experiment.laboratory;
    await issuer.stop();
    await issuer.start(fakeTime(offset));
    try {
      const access = await experiment.addGrant();
      expect(Math.abs(readClaims(access.accessToken).iat * 1000 - Date.now())).toBeGreaterThan(500_000);
      const forwarded = upstream.bills.length;
      const logged = proxy.output().length;
      const seen = await askChat({ access, number: experiment.nextNumber(), target: proxy.url });
      experiment.seen.push(seen);
      expect(seen.status).toBe(401);
      expect(upstream.bills.length).toBe(forwarded);
      await waitUntil(() => proxy.output().slice(logged).includes(why), 'the log says why', 20_000);
    } finally {
      await issuer.stop();
      await issuer.start();
    }
    const fault = `authorization server: clock ${offset}`;
    expect(await experiment.close({ row: 'F12', fault, faults: 1 })).toEqual([]);
  },
  timeoutMilliseconds,
);

it(
  'F13: while no authorization server runs, valid tokens still work and revocations are obeyed',
  async () => {
    const { issuer } = findFirst();
    const { targets, client, query } = experiment.laboratory;
    const rounds = scale(1, 5);
    for (let round = 0; round < rounds; round++) {
      await experiment.renewGrants();
      // a proxy that has verified one token has the signing keys, so it can verify the others
      const known = await experiment.addGrant();
      for (const target of targets) expect(await chatStatus(target, known.accessToken)).toBe(200);
      const unseen = await experiment.addGrant();
      const revoked = await experiment.addGrant();
      await client.revokeToken(revoked.accessToken);
      await issuer.kill();
      try {
        const until = performance.now() + scale(1_000, 10_000);
        const seen = await experiment.load({ isOver: () => performance.now() > until, accesses: [unseen, revoked] });
        const statuses = new Set(seen.map(({ grant, status }) => `${grant === unseen.grant} ${status}`));
        expect([...statuses].sort()).toEqual(['false 401', 'true 200']);
        // revokes the grant as the revocation endpoint of another authorization server would
        await query(
          "update grants set status = 'revoked', revoked_at = now(), revoked_reason = 'operator' where id = $1",
          [unseen.grantId],
        );
        for (const target of targets) {
          const late = await askChat({ access: unseen, number: experiment.nextNumber(), target });
          expect(late.status).toBe(401);
        }
      } finally {
        await issuer.start();
      }
      await sleep(100);
    }
    const violations = await experiment.close({ row: 'F13', fault: 'authorization server: kill -9', faults: rounds });
    expect(violations).toEqual([]);
  },
  timeoutMilliseconds,
);
