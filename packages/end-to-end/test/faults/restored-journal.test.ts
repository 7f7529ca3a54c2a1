import { mkdirSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Backup, BucketStub, queryAsSuperuser, reportResult, scale } from '@aipassport/store/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chatOutcome, chatStatus, postChat } from '../harness/chat.js';
import { ClientApp } from '../harness/client-app.js';
import { connect } from '../harness/connect.js';
import type { Deployment } from '../harness/deployment.js';
import { beginCommand } from '../harness/operator-command.js';
import { prepareRevocation } from '../harness/revocation.js';
import { waitUntil } from '../harness/wait-until.js';
import { type RestoredDeployment, startRestoredDeployment } from './support/restored-deployment.js';

/** Where the servers write the journal. */
interface Place {
  /** The environment variables of all servers and of the command. */
  readonly variables: Readonly<Record<string, string>>;
  /** The option of the command. */
  readonly options: readonly string[];
  readonly breakDown: () => void;
  readonly mend: () => void;
}

const inDirectory = (directory: string): Place => ({
  variables: { JOURNAL_DIRECTORY: directory },
  options: ['--journal', directory],
  breakDown: () => rmSync(directory, { recursive: true }),
  mend: () => mkdirSync(directory),
});

/** The bucket is a stub: see `BucketStub`. */
const inBucket = (stub: BucketStub): Place => ({
  variables: stub.variables,
  options: ['--journal-bucket'],
  breakDown: () => {
    stub.fault = 'refuses';
  },
  mend: () => {
    stub.fault = undefined;
  },
});

/** @throws unless the token is accepted, or refused as invalid */
async function isAccepted(client: ClientApp, refreshToken = ''): Promise<boolean> {
  try {
    await client.refresh(refreshToken);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ error: 'invalid_grant' });
    return false;
  }
}

describe.each(['a directory', 'a bucket'] as const)('with the journal in %s', (kind) => {
  let stub: BucketStub;
  let restored: RestoredDeployment;
  let deployment: Deployment;
  let place: Place;

  beforeAll(async () => {
    stub = await BucketStub.start();
    restored = await startRestoredDeployment((directory) => {
      place = kind === 'a bucket' ? inBucket(stub) : inDirectory(directory);
      return { 'authorization-server': place.variables, 'resource-proxy': place.variables };
    });
    ({ deployment } = restored);
    await restored.waitUntilAll(200);
  });
  afterAll(async () => {
    await restored?.stop();
    await stub?.close();
  });

  const runRestored = (...args: readonly string[]) =>
    beginCommand(deployment.databaseUrl, ['restored', ...args], {
      AUDIT_KEYS_FILE: deployment.keyFiles.audit.keys,
      ...place.variables,
    }).output;

  /** Waits until the journal covers everything until now, and this many seconds after now. */
  async function waitForJournal(seconds: number): Promise<void> {
    const [row] = await query<{ end: string }>(
      'select (extract(epoch from clock_timestamp()) * 1000000)::bigint as end',
    );
    const end = BigInt(row?.end ?? 0) + BigInt(seconds) * 1_000_000n;
    const isPast = async () => {
      const [journal] = await query<{ position: string }>('select position from journal');
      return BigInt(journal?.position ?? 0) > end;
    };
    await waitUntil(isPast, `the journal has ${seconds} more seconds`, 40_000);
  }

  const query = <Row extends Record<string, unknown>>(text: string) =>
    queryAsSuperuser<Row>(deployment.databaseUrl, text);

  /** Waits, because each server checks only every five seconds whether it must refuse. */
  async function waitUntilAllRefuse(): Promise<void> {
    const ask = [
      ...deployment.authorizationServers.map(
        ({ url }) =>
          () =>
            fetch(`${url}/.well-known/openid-configuration`),
      ),
      ...deployment.resourceProxies.map(
        ({ url }) =>
          () =>
            postChat(url, 'no token'),
      ),
    ];
    for (const request of ask)
      await waitUntil(async () => (await request()).status === 503, 'every server refuses', 30_000);
  }

  // The ids at the beginning of titles are rows of docs/security.md.
  it('F10: after a backup was restored and the journal replayed, no revoked access comes back, no spending is forgotten, and the other access continues', async () => {
    const client = await ClientApp.register(deployment);
    const rounds = scale(1, 3);
    const violations: string[] = [];
    let requests = 0;
    let slowestReplayMilliseconds = 0;
    for (let round = 0; round < rounds; round++) {
      const drill = await rehearse(client);
      violations.push(...drill.violations);
      requests += drill.requests;
      slowestReplayMilliseconds = Math.max(slowestReplayMilliseconds, drill.replayMilliseconds);
    }
    const fault = `a backup is restored, and the journal in ${kind} replayed`;
    reportResult({ row: 'F10', fault, faults: rounds, requests, violations, detail: { slowestReplayMilliseconds } });
    expect(violations).toEqual([]);
  }, 600_000);

  /** Makes a backup, revokes, spends and refreshes, restores the backup, and replays the journal. */
  async function rehearse(client: ClientApp) {
    let requests = 0;
    const ask = (url: string, token: string) => {
      requests += 1;
      return chatOutcome(url, token);
    };
    const revoking = await connect(deployment, { client });
    const spending = await connect(deployment, { client, proposal: { max_requests: 1 } });
    const rotating = await connect(deployment, { client });
    const untouched = await connect(deployment, { client });
    await waitForJournal(0);
    await query('drop schema if exists backup cascade');
    const backup = await Backup.make(deployment.databaseUrl);

    await (await prepareRevocation(revoking.owner)).send();
    expect((await ask(deployment.resourceProxyUrl, spending.accessToken)).status).toBe(200);
    const refused = await ask(deployment.resourceProxyUrl, spending.accessToken);
    expect(refused.status).not.toBe(200);
    const rotated = await client.refresh(rotating.tokens.refresh_token ?? '');
    await waitForJournal(12);

    await restored.stopReplicas();
    await backup.restore();
    await restored.startReplicas();
    await restored.expectRefusals(untouched.accessToken);
    await expect(runRestored()).rejects.toThrow('--end-all-access');
    const planned = await runRestored(...place.options, '--dry-run');
    expect(planned).toContain('Nothing was changed.');
    await restored.expectRefusals(untouched.accessToken);
    const forwarded = restored.upstream.hits.length;

    const from = performance.now();
    const printed = await runRestored(...place.options);
    const replayMilliseconds = Math.round(performance.now() - from);
    expect(printed).toContain(`${revoking.owner.credentials.email}: 0 requests for $0.00 counted, 1 grants ended.`);
    expect(printed).toMatch(
      new RegExp(`${spending.owner.credentials.email}: 1 requests for .* counted, 0 grants ended`),
    );
    expect(printed).toContain('0 of the grants ended because they were used');
    await restored.waitUntilAll(200);
    const violations: string[] = [];
    for (const { url } of deployment.resourceProxies) {
      const { status } = await ask(url, revoking.accessToken);
      if (status !== 401) violations.push(`a request under a revoked grant was answered with ${status}`);
      const outcome = await ask(url, spending.accessToken);
      if (!isDeepStrictEqual(outcome, refused))
        violations.push(`a request under a used-up grant was answered with ${outcome.status}`);
    }
    const sent = restored.upstream.hits.length - forwarded;
    if (sent > 0) violations.push(`${sent} requests were forwarded that must be refused`);
    const { status } = await ask(deployment.resourceProxyUrl, untouched.accessToken);
    if (status !== 200) violations.push(`a request under a grant that goes on was answered with ${status}`);
    if (await isAccepted(client, revoking.tokens.refresh_token))
      violations.push('a refresh token of a revoked grant is accepted');
    const next = await client.refresh(rotated.refresh_token ?? '');
    if ((await ask(deployment.resourceProxyUrl, next.access_token)).status !== 200)
      violations.push('the token after a refresh is refused');
    // after the other refreshes, because it ends the grant
    if (await isAccepted(client, rotating.tokens.refresh_token)) violations.push('a used refresh token is accepted');
    if ((await spending.owner.open('/account')).page.url.pathname !== '/account/sign-in')
      violations.push('a session from before the restore still works');
    expect(await beginCommand(deployment.databaseUrl, ['verify-ledger']).output).toContain('agrees with the ledger');
    return { requests, violations, replayMilliseconds };
  }

  it('F10: servers that run while their database is replaced by an older one refuse, until the journal was replayed', async () => {
    const { accessToken } = await connect(deployment);
    await waitForJournal(12);
    await query('update restore_marks set at = at - 60 * 1000000');
    await restored.waitUntilAll(503);
    await waitUntilAllRefuse();
    await restored.expectRefusals(accessToken);
    await runRestored(...place.options);
    await restored.waitUntilAll(200);
    expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(200);
  }, 180_000);

  it('F10: while the journal cannot be written, every server refuses', async () => {
    const { accessToken } = await connect(deployment);
    place.breakDown();
    await query('update journal set position = position - 120 * 1000000');
    await restored.waitUntilAll(503);
    await waitUntilAllRefuse();
    await restored.expectRefusals(accessToken);
    for (const { url } of restored.listReplicas())
      expect(await (await fetch(`${url}/health/ready`)).text()).toContain('the journal is not being written');
    place.mend();
    await restored.waitUntilAll(200);
    expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(200);
  }, 180_000);
});
