import { listHeads, readHead, verifyEvents } from '@aipassport/store';
import { setOperator } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { readText } from './support/browser.js';
import { listLogLines } from './support/log-lines.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { waitUntil } from './support/wait-until.js';

let database: TestDatabase;
let server: TestServer | undefined;
beforeEach(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await database.close();
});

const logged = (event: string) => listLogLines(server?.logLines ?? [], event);

const addEvents = (count: number) =>
  database.query("insert into audit_events (event) select 'signed_in' from generate_series(1, $1::integer)", [count]);

// The ids at the beginning of titles are rows of docs/security.md.
it('G3: two servers seal the audit log, and their log names the newest seal, which an operator can compare later', async () => {
  await addEvents(2_500);
  server = await startTestServer({ database, replicas: 2 });
  const keys = server.configuration.auditKeys;
  if (keys === undefined) throw new Error('the test server has no audit key');
  await waitUntil(() => logged('audit_log_sealed').length > 0);
  await waitUntil(async () => (await verifyEvents(database.db, keys)).verified === 2_500);
  await server.close();
  // the two servers log independently, so the last line need not name the newest seal
  const seals = logged('audit_log_sealed').map(({ seal }) => String(seal).split(':'));
  const [sequence = '', code = ''] = seals.find(([of]) => of === '2500') ?? [];
  expect(sequence).toBe('2500');
  const expected = { sequence: BigInt(sequence), code };
  expect(await verifyEvents(database.db, keys, [expected])).toMatchObject({
    fault: undefined,
    unsealed: 0,
  });
  // The servers signed the head of this day once. It is in the log of the server that signed it, and in the database.
  const heads = logged('audit_head_signed').map(({ head }) => String(head));
  expect(await listHeads(database.db)).toEqual(heads);
  expect(heads.map((head) => readHead(keys, head)?.sequence)).toEqual([2_500n]);
});

it('G3: a server that finds a change of the seals logs an error, and seals nothing', async () => {
  await addEvents(3);
  server = await startTestServer({ database });
  await waitUntil(() => logged('audit_log_sealed').length > 0);
  await server.close();
  await database.query('delete from audit_seals where sequence = 3');
  server = await startTestServer({ database });
  await waitUntil(() => logged('audit_log_changed').length > 0);
  expect(logged('audit_log_changed')).toMatchObject([{ problem: 'The last seal should be 3, and it is 2.' }]);
  expect(await database.query('select count(*)::int as count from audit_seals')).toEqual([{ count: 2 }]);
  const operator = await createOwner(server);
  await setOperator(server.db, operator.accountId, true);
  expect(readText((await operator.browser.open('/operator/audit')).text)).toContain(
    'Seals of the audit log are missing',
  );
});
