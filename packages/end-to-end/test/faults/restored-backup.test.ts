import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Backup, queryAsSuperuser, reportResult } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chatOutcome, chatStatus } from '../harness/chat.js';
import { ClientApp } from '../harness/client-app.js';
import { connect, createOwner } from '../harness/connect.js';
import type { Deployment } from '../harness/deployment.js';
import { beginCommand } from '../harness/operator-command.js';
import { prepareRevocation } from '../harness/revocation.js';
import { waitUntil } from '../harness/wait-until.js';
import { type RestoredDeployment, startRestoredDeployment } from './support/restored-deployment.js';

let restored: RestoredDeployment;
let deployment: Deployment;

beforeAll(async () => {
  restored = await startRestoredDeployment((directory) => {
    const nameMark = (kind: string) => ({ RESTORE_MARK_FILE: path.join(directory, kind) });
    return {
      'authorization-server': { ...nameMark('authorization'), NEW_ACCOUNT_MAX_COST_USD_PER_MONTH: '1' },
      'resource-proxy': nameMark('proxy'),
    };
  });
  ({ deployment } = restored);
  await restored.waitUntilAll(200);
});
afterAll(() => restored?.stop());

const runRestored = (...args: readonly string[]) => beginCommand(deployment.databaseUrl, ['restored', ...args]).output;

/**
 * Replaces the database with an earlier backup, while no server runs. First waits until each server has noted in its
 * file that the database is newer than the backup.
 */
async function replaceByBackup(backup: Backup): Promise<void> {
  const marks = () =>
    ['authorization', 'proxy'].map((name) => readFileSync(path.join(restored.directory, name), 'utf8'));
  const before = marks();
  await waitUntil(() => marks().every((mark, index) => mark !== before[index]), 'the marks have moved', 30_000);
  await restored.stopReplicas();
  await backup.restore();
}

async function expectRefusals(accessToken: string): Promise<void> {
  // A server that makes a new connection notices the restore at once. It refuses requests that need no database only
  // after it has read the mark again.
  for (const { url } of deployment.authorizationServers) {
    const refuses = async () => (await fetch(`${url}/.well-known/openid-configuration`)).status === 503;
    await waitUntil(refuses, `${url} refuses`, 30_000);
  }
  await restored.expectRefusals(accessToken);
  for (const { url } of restored.listReplicas()) {
    const saysWhy = async () =>
      (await (await fetch(`${url}/health/ready`)).text()).includes('run `aipassport restored`');
    await waitUntil(saysWhy, `${url} says why it refuses`, 30_000);
  }
}

// The ids at the beginning of titles are rows of docs/security.md.
it('F10: after a backup was restored, every server refuses requests until `restored` has ended all access that could come back', async () => {
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
  await restored.startReplicas();
  await expectRefusals(revoking.accessToken);
  const forwarded = restored.upstream.hits.length;
  await expect(runRestored()).rejects.toThrow('--end-all-access');
  const unknown = runRestored('--end-all-access', '--keep-spending', 'nobody@example.org');
  await expect(unknown).rejects.toThrow('Nothing was changed');
  await expectRefusals(revoking.accessToken);

  const printed = await runRestored('--end-all-access', '--keep-spending', keeping.credentials.email);
  expect(printed).toContain('3 grants ended');
  expect(printed).toContain('The overall limit of 3 accounts counts as used up for this month.');
  await restored.waitUntilAll(200);
  const violations: string[] = [];
  for (const { url } of deployment.resourceProxies)
    for (const { accessToken } of [revoking, spending, rotating]) {
      const { status } = await chatOutcome(url, accessToken);
      if (status !== 401) violations.push(`a request under a grant from the backup was answered with ${status}`);
    }
  const sent = restored.upstream.hits.length - forwarded;
  if (sent > 0) violations.push(`${sent} requests were forwarded that must be refused`);
  reportResult({
    row: 'F10',
    fault: 'a backup is restored, without a journal, and all access ended',
    faults: 1,
    requests: 1 + 3 * deployment.resourceProxies.length,
    violations,
  });
  expect(violations).toEqual([]);
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

it('F10: servers that run while their database is replaced by a backup also refuse requests until `restored` has run', async () => {
  const { accessToken } = await connect(deployment);
  await queryAsSuperuser(deployment.databaseUrl, 'update restore_marks set at = at - 60 * 1000000');
  await restored.waitUntilAll(503);
  await expectRefusals(accessToken);
  await runRestored('--end-all-access');
  await restored.waitUntilAll(200);
  expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(401);
});
