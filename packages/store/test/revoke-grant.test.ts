import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  disableAccount,
  findArtifact,
  findGrant,
  findOwnerSession,
  insertOwnerSession,
  revokeGrant,
  upsertArtifact,
} from '../src/authorization/index.js';
import { listEndedGrants, listenForRevocations } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterAll(() => test.close());

const byOperator = { reason: 'operator', revokedBy: 'operator' } as const;

it('ends the grant, records it in `revocations` and in the audit log, and removes its artifacts', async () => {
  const grantId = await addGrant(test.db);
  for (const [model, idHash, ofGrant] of [
    ['RefreshToken', 'r', grantId],
    ['RefreshToken', 'other', undefined],
  ] as const)
    await upsertArtifact(test.db, {
      model,
      idHash,
      payload: {},
      grantId: ofGrant,
      uid: undefined,
      expiresInSeconds: 60,
    });
  expect(await revokeGrant(test.db, { grantId, reason: 'owner', revokedBy: 'someone' })).toBe(true);
  expect(await findGrant(test.db, grantId)).toMatchObject({ state: 'revoked', revokedReason: 'owner' });
  expect(await findArtifact(test.db, { model: 'RefreshToken', idHash: 'r' })).toBeUndefined();
  expect(await findArtifact(test.db, { model: 'RefreshToken', idHash: 'other' })).toBeDefined();
  const register = await test.db.selectFrom('revocations').selectAll().where('grant_id', '=', grantId).execute();
  expect(register).toMatchObject([{ reason: 'owner', revoked_by: 'someone' }]);
  const audit = await test.db
    .selectFrom('audit_events')
    .select('event')
    .where('grant_id', '=', grantId)
    .orderBy('id')
    .execute();
  expect(audit).toEqual([{ event: 'consent_given' }, { event: 'grant_revoked' }]);
});

it('gives the same answer for a grant that is unknown, belongs to another owner, or was already revoked', async () => {
  const accountId = await addAccount(test.db);
  const grantId = await addGrant(test.db, { accountId });
  const stranger = await addAccount(test.db);
  expect(await revokeGrant(test.db, { ...byOperator, grantId: 'nobody' })).toBe(false);
  expect(await revokeGrant(test.db, { ...byOperator, grantId, accountId: stranger })).toBe(false);
  expect(await revokeGrant(test.db, { ...byOperator, grantId, accountId })).toBe(true);
  expect(await revokeGrant(test.db, { ...byOperator, grantId, accountId })).toBe(false);
});

it('notifies listeners, even after they have lost their connection', async () => {
  const heard: string[] = [];
  let times = 0;
  let listening = Promise.withResolvers<void>();
  const listener = listenForRevocations({
    db: test.db,
    url: test.url,
    applicationName: 'test-listener',
    onRevoked: (grantId) => heard.push(grantId),
    onListening: () => {
      times += 1;
      listening.resolve();
    },
    onLost: () => undefined,
  });
  await listening.promise;
  const first = await addGrant(test.db);
  await revokeGrant(test.db, { ...byOperator, grantId: first });
  await until(() => heard.includes(first));

  listening = Promise.withResolvers<void>();
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test-listener'`.execute(
    test.db,
  );
  const missed = await addGrant(test.db);
  await revokeGrant(test.db, { ...byOperator, grantId: missed });
  await listening.promise;
  expect(times).toBe(2);
  const live = await addGrant(test.db);
  expect(await listEndedGrants(test.db, [first, live, missed])).toEqual([first, missed]);

  const second = await addGrant(test.db);
  await revokeGrant(test.db, { ...byOperator, grantId: second });
  await until(() => heard.includes(second));
  await listener.close();
});

it('disabling an account ends its sessions and grants', async () => {
  const accountId = await addAccount(test.db);
  const grantId = await addGrant(test.db, { accountId });
  await insertOwnerSession(test.db, { sessionId: 's', accountId, lifetimeSeconds: 60 });
  expect(await findOwnerSession(test.db, 's', { idleSeconds: 60 })).toMatchObject({ accountId });
  expect(await disableAccount(test.db, accountId)).toBe(true);
  expect(await findOwnerSession(test.db, 's', { idleSeconds: 60 })).toBeUndefined();
  expect((await findGrant(test.db, grantId))?.state).toBe('revoked');
  expect(await disableAccount(test.db, accountId)).toBe(false);
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(condition()).toBe(true);
}
