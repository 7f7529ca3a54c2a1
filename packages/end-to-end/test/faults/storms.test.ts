import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ClientApp } from '../harness/client-app.js';
import { connect, createOwner } from '../harness/connect.js';
import { countBy } from '../harness/count-by.js';
import { createReplicaFetch } from '../harness/replica-fetch.js';
import { prepareRevocation } from '../harness/revocation.js';
import { answerSoon } from './support/billing-upstream.js';
import { Experiment } from './support/experiment.js';
import { startLaboratory } from './support/laboratory.js';
import { type Access, runLoad } from './support/load.js';
import { findForwardedLate, findSentLate } from './support/revocations.js';
import { isLong, scale, timeoutMilliseconds } from './support/scale.js';

let experiment: Experiment;

beforeAll(async () => {
  experiment = new Experiment(await startLaboratory({ authorizationServers: 2 }));
  experiment.laboratory.upstream.mode = answerSoon();
}, timeoutMilliseconds);

afterAll(async () => {
  await experiment?.laboratory.stop();
});

const revokedAt = new Map<number, number>();

/**
 * Creates and revokes grants of one owner. Each stays in `accesses` for a while after its revocation, so that the load
 * still sends requests under it.
 */
async function grantAndRevoke(accesses: Access[], isOver: () => boolean): Promise<void> {
  const { laboratory } = experiment;
  const [owner, client] = [await createOwner(laboratory), await ClientApp.register(laboratory)];
  for (let round = 0; !isOver(); round++) {
    const access = await experiment.addGrant({}, { owner, client });
    accesses.push(access);
    if (accesses.length > scale(6, 24)) accesses.shift();
    await sleep(20);
    if (round % 2 === 0) {
      await client.revokeToken(access.accessToken);
      revokedAt.set(access.grant, performance.now());
    } else {
      revokedAt.set(access.grant, await (await prepareRevocation(owner, client.name)).send());
    }
  }
}

// The ids at the beginning of titles are rows of docs/security.md.
it(
  'F17: no request that is sent after the answer to a revocation is forwarded, while grants are created and revoked',
  async () => {
    const { upstream, targets } = experiment.laboratory;
    const until = performance.now() + scale(20_000, 200_000);
    let hasFailed = false;
    const isOver = () => hasFailed || performance.now() > until || (!isLong && revokedAt.size >= 8);
    const accesses = [await experiment.addGrant()];
    const [seen] = await Promise.all([
      runLoad({ accesses, targets, callers: scale(16, 32), isOver }),
      ...Array.from({ length: scale(1, 4) }, () =>
        grantAndRevoke(accesses, isOver).catch((error: unknown) => {
          hasFailed = true;
          throw error;
        }),
      ),
    ]);
    experiment.note(seen);
    const sentLate = findSentLate(seen, revokedAt);
    const violations = await experiment.close({
      row: 'F17',
      fault: 'storm of revocations',
      faults: revokedAt.size,
      violations: findForwardedLate(sentLate, upstream.bills),
      detail: { sentAfterAnAnswer: sentLate.length },
    });
    expect(violations).toEqual([]);
    // A 503 means that this machine cannot admit so many parallel requests in time.
    const { 401: refused = 0, 503: overloaded = 0 } = countBy(sentLate, ({ status }) => String(status));
    expect(refused + overloaded).toBe(sentLate.length);
    expect(refused).toBeGreaterThan(0);
    expect(revokedAt.size).toBeGreaterThan(0);
    expect(sentLate.length).toBeGreaterThan(0);
  },
  timeoutMilliseconds,
);

it(
  'F18: 50 parallel uses of a refresh token at two authorization servers get the same tokens, and one refresh token is valid afterwards',
  async () => {
    const { laboratory } = experiment;
    const { issuer, owner, client, query, authorizationServers } = laboratory;
    const replicas = authorizationServers.map(({ port }) => createReplicaFetch(port));
    const grants = scale(6, 200);
    const parallel = 50;
    const refresh = async (refreshToken: string, index: number) => {
      const replica = replicas[index % replicas.length];
      if (replica === undefined) throw new Error('no authorization server runs');
      const answer = await replica.fetch(`${issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: refreshToken,
          client_id: client.clientId,
        }),
      });
      return `${answer.status} ${await answer.text()}`;
    };
    const violations: string[] = [];
    try {
      for (let grant = 0; grant < grants; grant++) {
        const { tokens, grantId } = await connect(laboratory, { owner, client });
        const answers = await Promise.all(
          Array.from({ length: parallel }, (_, index) => refresh(tokens.refresh_token ?? '', index)),
        );
        const live = await query(
          `select 1 from artifacts where model = 'RefreshToken' and grant_id = $1 and consumed_at is null and expires_at > now()`,
          [grantId],
        );
        const winners = answers.filter((answer) => answer.startsWith('200 ')).length;
        const different = new Set(answers).size;
        if (winners !== parallel || different !== 1 || live.length !== 1)
          violations.push(`grant ${grantId}: ${winners} won, ${different} answers, ${live.length} tokens are live`);
      }
    } finally {
      for (const { close } of replicas) await close();
    }
    expect(
      await experiment.close({
        row: 'F18',
        fault: 'storm of refreshes',
        faults: grants,
        requests: grants * parallel,
        violations,
      }),
    ).toEqual([]);
  },
  timeoutMilliseconds,
);
