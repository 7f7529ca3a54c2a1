import { verifyLedger } from '@aipassport/store';
import { revokeGrant } from '@aipassport/store/authorization';
import { afterEach, describe, expect, it } from '@jest/globals';
import { chatStatus, postChat, smallChat } from './harness/chat.js';
import { CloseStack } from './harness/close-stack.js';
import { connect } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { introspect } from './harness/introspect.js';
import { findPgBouncerObstacle, type PgBouncer, startPgBouncer } from './harness/pgbouncer.js';
import { answerChat, RecordingUpstream, streamForever } from './harness/recording-upstream.js';
import { waitUntil } from './harness/wait-until.js';
import { watchStream } from './harness/watch-stream.js';

const obstacle = findPgBouncerObstacle();
if (obstacle !== undefined) console.warn(`The tests with a pooler are skipped: ${obstacle}.`);
const describeWithPooler = obstacle === undefined ? describe : describe.skip;

interface Setting {
  readonly deployment: Deployment;
  readonly upstream: RecordingUpstream;
}

const closing = new CloseStack();
afterEach(() => closing.closeAll());

/** Starts two replicas of both servers behind a PgBouncer that has far fewer database connections than they open. */
async function start({ direct }: { readonly direct: boolean }): Promise<Setting> {
  const upstream = await RecordingUpstream.start();
  closing.push(() => upstream.stop());
  let pooler: PgBouncer | undefined;
  const deployment = await startDeployment({
    upstreamUrl: upstream.url,
    prepare: async (databaseUrl) => {
      const started = await startPgBouncer(databaseUrl, [
        ['pool_size=20', 'pool_size=3'],
        ['pool_size=10', 'pool_size=2'],
      ]);
      pooler = started;
      return started.close;
    },
    variables: (proxyDatabaseUrl) => ({
      'authorization-server': { DATABASE_URL: pooler?.urlOf('issuer') ?? '' },
      'resource-proxy': {
        DATABASE_URL: pooler?.urlOf('proxy') ?? '',
        ...(direct && { DATABASE_DIRECT_URL: proxyDatabaseUrl }),
      },
    }),
    awaitsReady: direct,
  });
  closing.push(() => deployment.stop());
  return { deployment, upstream };
}

describeWithPooler('behind a pooler in transaction mode', () => {
  // The ids at the beginning of titles are rows of docs/security.md.
  it('Q1: everything works with a few shared connections, and no statement is mistaken for another', async () => {
    const { deployment } = await start({ direct: true });
    const connections = await Promise.all(Array.from({ length: 4 }, () => connect(deployment)));
    const asked = Array.from({ length: 240 }, async (_, index) => {
      const { accessToken } = connections[index % connections.length] as (typeof connections)[number];
      const proxy = deployment.resourceProxies[index % 2]?.url ?? '';
      if (index % 40 === 39) return (await introspect(deployment, accessToken)).active === true ? 200 : 500;
      if (index % 7 === 0)
        return (await fetch(`${proxy}/v1/grant`, { headers: { authorization: `Bearer ${accessToken}` } })).status;
      return chatStatus(proxy, accessToken);
    });
    expect([...new Set(await Promise.all(asked))]).toEqual([200]);
    await waitUntil(async () => (await verifyLedger(deployment.db)).length === 0, 'the books agree');
    expect(deployment.output()).not.toMatch(/"event":"(unexpected_error|database_settings_missing|schema_mismatch)"/);
    expect(deployment.output()).not.toMatch(/prepared statement|unsupported startup/);
  });

  it('Q2: a revocation ends a stream at once, because its notification arrives over the direct connection', async () => {
    const { deployment, upstream } = await start({ direct: true });
    // A check that runs every second may find the revocation before the notification arrives. The log then has the
    // reason `grant_ended` instead of `grant_revoked`. So the test tries up to three times.
    for (let attempt = 0; attempt < 3 && !deployment.output().includes('"reason":"grant_revoked"'); attempt += 1) {
      upstream.behaviour = answerChat;
      const { accessToken, grantId } = await connect(deployment);
      upstream.behaviour = streamForever(5);
      const url = deployment.resourceProxies[0]?.url ?? '';
      const { begun, ended } = watchStream(await postChat(url, accessToken, { ...smallChat, stream: true }));
      await begun;
      await revokeGrant(deployment.db, { grantId, reason: 'owner', revokedBy: 'owner' });
      await ended;
      await waitUntil(() => /"reason":"grant_(revoked|ended)"/.test(deployment.output()), 'it is logged');
    }
    expect(deployment.output()).toContain('"reason":"grant_revoked"');
  });

  it('U7: a proxy that listens through the pooler notices that it receives no notifications, and is not ready', async () => {
    const { deployment } = await start({ direct: false });
    for (const { url, output } of deployment.resourceProxies.map((replica) => ({
      url: replica.url,
      output: () => replica.output(),
    }))) {
      await waitUntil(() => output().includes('"event":"revocations_lost"'), 'it notices', 20_000);
      const unready = await fetch(`${url}/health/ready`);
      expect(unready.status).toBe(503);
      const { checks } = (await unready.json()) as { checks: Record<string, { ok: boolean }> };
      expect(checks).toMatchObject({ database: { ok: true }, schema: { ok: true }, revocations: { ok: false } });
      expect(output()).toContain('DATABASE_DIRECT_URL must connect to PostgreSQL directly');
    }
  });
});
