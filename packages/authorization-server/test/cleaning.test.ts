import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Browser } from './support/browser.js';
import { addClient, buildRequest } from './support/client.js';
import { listLogLines } from './support/log-lines.js';
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

async function count(table: string): Promise<number> {
  const [row] = await database.query<{ count: number }>(`select count(*)::integer as count from ${table}`);
  return row?.count ?? 0;
}

const addArtifacts = (rows: number) =>
  database.query(
    `insert into artifacts (model, id_hash, payload, expires_at)
     select 'Interaction', n::text, '{}', now() - interval '1 day' from generate_series(1, $1::integer) as n`,
    [rows],
  );

it('a server removes expired rows when it starts, table by table; if one table fails, the others are still cleaned', async () => {
  await addArtifacts(3_000);
  await database.query(
    "insert into attempts (key_hash, count, window_ends_at) values ('k', 1, now() - interval '1 day')",
  );
  await database.query(
    "insert into idempotency_keys values ('g', 'k', gen_random_uuid(), now() - interval '1 day'), ('g', 'l', gen_random_uuid(), now() + interval '1 day')",
  );
  // A trigger makes each deletion from `artifacts` fail.
  await database.query(
    "create function refuse() returns trigger language plpgsql as $$ begin raise 'disk is broken'; end $$",
  );
  await database.query('create trigger refuse before delete on artifacts for each row execute function refuse()');
  server = await startTestServer({ database });
  await waitUntil(async () => (await count('attempts')) === 0 && (await count('idempotency_keys')) === 1);
  await waitUntil(() => logged('cleanup_failed').length > 0);
  expect(logged('cleanup_failed')).toMatchObject([{ table: 'artifacts', level: expect.anything() }]);
  expect(await count('artifacts')).toBe(3_000);
  await server.close();

  await database.query('drop trigger refuse on artifacts');
  server = await startTestServer({ database });
  await waitUntil(async () => (await count('artifacts')) === 0);
  await waitUntil(() => logged('expired_rows_removed').length > 0);
  expect(logged('expired_rows_removed')).toMatchObject([{ table: 'artifacts', removed: 3_000 }]);
});

it('only one of several servers removes expired rows; when that server is closed, the removal ends between two steps', async () => {
  await addArtifacts(20_000);
  server = await startTestServer({ database, replicas: 3 });
  await waitUntil(async () => (await count('artifacts')) < 18_000);
  const [row] = await database.query<{ workers: number }>(
    "select count(distinct worker)::integer as workers from maintenance where task = 'delete_expired artifacts'",
  );
  expect(row?.workers).toBe(1);
  const beganAt = performance.now();
  await server.close();
  expect(performance.now() - beganAt).toBeLessThan(8_000);
  expect(logged('cleanup_failed')).toEqual([]);
  server = undefined;
});

it('a client that registered itself is not removed while an owner has its request open', async () => {
  server = await startTestServer({ database });
  const client = await addClient(server, { registeredBy: 'registration' });
  await database.query("update clients set created_at = now() - interval '900 days' where id = $1", [client.id]);
  const request = await buildRequest(server, client);
  const page = await new Browser(server.issuer).open(request.url);
  expect(page.status).toBe(200); // the sign-in page; its interaction is stored
  await database.query("insert into retention values ('unused_clients', 90)");
  await database.query("delete from maintenance where task = 'delete_expired clients'");
  const [row] = await database.query<{ removed: number }>("select removed from delete_expired('clients', 'test')");
  expect(row?.removed).toBe(0);
  expect(await count('clients')).toBe(2);
});
