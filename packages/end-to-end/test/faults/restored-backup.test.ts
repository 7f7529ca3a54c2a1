import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Backup, inTransaction } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chatOutcome, chatStatus, postChat } from '../harness/chat.js';
import { ClientApp } from '../harness/client-app.js';
import { connect, createOwner } from '../harness/connect.js';
import { type Deployment, startDeployment } from '../harness/deployment.js';
import { beginCommand } from '../harness/operator-command.js';
import { RecordingUpstream } from '../harness/recording-upstream.js';
import { prepareRevocation } from '../harness/revocation.js';
import { waitUntil } from '../harness/wait-until.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-marks-'));
  const nameMark = (kind: string) => ({ RESTORE_MARK_FILE: path.join(directory, kind) });
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({
    upstreamUrl: upstream.url,
    awaitsReady: false,
    variables: () => ({
      'authorization-server': { ...nameMark('authorization'), NEW_ACCOUNT_MAX_COST_USD_PER_MONTH: '1' },
      'resource-proxy': nameMark('proxy'),
    }),
  });
  await waitUntilAll(200);
});
afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const listReplicas = () => [...deployment.authorizationServers, ...deployment.resourceProxies];

async function waitUntilAll(status: 200 | 503): Promise<void> {
  for (const { url } of listReplicas()) {
    const isSo = async () => (await fetch(`${url}/health/ready`)).status === status;
    await waitUntil(isSo, `the health of ${url} is ${status}`, 30_000);
  }
}

const runRestored = (...args: readonly string[]) => beginCommand(deployment.databaseUrl, ['restored', ...args]).output;

/** Also waits until each server has seen that the database came further than its backup. */
async function replaceByBackup(backup: Backup): Promise<void> {
  const marks = () => ['authorization', 'proxy'].map((name) => readFileSync(path.join(directory, name), 'utf8'));
  const before = marks();
  await waitUntil(() => marks().every((mark, index) => mark !== before[index]), 'the marks have moved', 30_000);
  await Promise.all(listReplicas().map((replica) => replica.stop()));
  await backup.restore();
}

async function expectRefusals(accessToken: string): Promise<void> {
  // A server first notices on a new connection. It refuses what needs no database when it next looks at the mark.
  for (const { url } of deployment.authorizationServers) {
    const refuses = async () => (await fetch(`${url}/.well-known/openid-configuration`)).status === 503;
    await waitUntil(refuses, `${url} refuses`, 30_000);
  }
  const answers = [
    ...deployment.authorizationServers.map(({ url }) => fetch(`${url}/.well-known/openid-configuration`)),
    ...deployment.resourceProxies.map(({ url }) => postChat(url, accessToken)),
  ];
  for (const answer of await Promise.all(answers)) {
    expect([answer.url, answer.status]).toEqual([answer.url, 503]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  for (const { url } of listReplicas()) {
    const saysWhy = async () =>
      (await (await fetch(`${url}/health/ready`)).text()).includes('run `aipassport restored`');
    await waitUntil(saysWhy, `${url} says why it refuses`, 30_000);
  }
}

it('F10: after a backup was restored, every server refuses, until `restored` has ended all that could come back', async () => {
  const client = await ClientApp.register(deployment);
  const revoking = await connect(deployment, { client });
  const spending = await connect(deployment, { client, proposal: { max_requests: 1 } });
  const rotating = await connect(deployment, { client });
  const keeping = await createOwner(deployment);
  const backup = await Backup.make(deployment.databaseUrl);

  await (await prepareRevocation(revoking.owner)).send();
  expect(await chatStatus(deployment.resourceProxyUrl, spending.accessToken)).toBe(200);
  const rotated = await client.refresh(rotating.tokens.refresh_token ?? '');

  await replaceByBackup(backup);
  for (const servers of [deployment.authorizationServers, deployment.resourceProxies])
    await Promise.all(servers.map((replica) => replica.start()));
  await expectRefusals(revoking.accessToken);
  const forwarded = upstream.hits.length;
  await expect(runRestored()).rejects.toThrow('--end-all-access');
  const unknown = runRestored('--end-all-access', '--keep-spending', 'nobody@example.org');
  await expect(unknown).rejects.toThrow('Nothing was changed');
  await expectRefusals(revoking.accessToken);

  const printed = await runRestored('--end-all-access', '--keep-spending', keeping.credentials.email);
  expect(printed).toContain('3 grants ended');
  expect(printed).toContain('The overall limit of 3 accounts counts as used up for this month.');
  await waitUntilAll(200);
  for (const { url } of deployment.resourceProxies)
    for (const token of [revoking, spending, rotating].map(({ accessToken }) => accessToken))
      expect([url, (await chatOutcome(url, token)).status]).toEqual([url, 401]);
  expect(upstream.hits).toHaveLength(forwarded);
  for (const token of [rotating.tokens.refresh_token, rotated.refresh_token, spending.tokens.refresh_token])
    await expect(client.refresh(token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  expect((await spending.owner.open('/account')).page.url.pathname).toBe('/account/sign-in');

  await spending.owner.signIn();
  const again = await connect(deployment, { client, owner: spending.owner });
  expect(await chatOutcome(deployment.resourceProxyUrl, again.accessToken)).toMatchObject({ status: 402 });
  await keeping.signIn();
  const kept = await connect(deployment, { client, owner: keeping });
  expect(await chatStatus(deployment.resourceProxyUrl, kept.accessToken)).toBe(200);
  expect(await beginCommand(deployment.databaseUrl, ['verify-ledger']).output).toContain('agrees with the ledger');
}, 180_000);

it('F10: servers that run while their database is replaced by a backup refuse too, until `restored` has run', async () => {
  const { accessToken } = await connect(deployment);
  await inTransaction(deployment.databaseUrl, (client) =>
    client.query('update restore_marks set at = at - 60 * 1000000'),
  );
  await waitUntilAll(503);
  await expectRefusals(accessToken);
  await runRestored('--end-all-access');
  await waitUntilAll(200);
  expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(401);
});
