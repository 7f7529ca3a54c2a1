import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { addClient, connect, introspect, obtainCode, redeem, refresh, type TestClient } from './support/client.js';
import { type Answer, json } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

const parallel = 50;
const rounds = 5;

let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  client = await addClient(server);
  owner = await createOwner(server);
});
afterAll(() => server.close());

/** The same request so many times at once, in turn at each replica. */
async function storm(
  request: (url: string) => Promise<Answer>,
): Promise<{ successes: readonly Answer[]; failures: readonly Answer[] }> {
  const answers = await Promise.all(
    Array.from({ length: parallel }, (_, index) => request(server.urls[index % 2] ?? '')),
  );
  return {
    successes: answers.filter(({ status }) => status === 200),
    failures: answers.filter(({ status }) => status !== 200),
  };
}

it('T2: of 50 redemptions of one code at once, over two servers, exactly one succeeds', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const code = await obtainCode(server, owner.browser, client);
    const { successes, failures } = await storm((url) => redeem(server, client, code, url));
    expect(successes.length).toBe(1);
    expect(new Set(failures.map((answer) => json(answer)['error']))).toEqual(new Set(['invalid_grant']));
  }
});

it('R3: of 50 exchanges of one refresh token at once, exactly one succeeds, one token lives, and so does the grant', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const tokens = await connect(server, owner.browser, client);
    const { successes, failures } = await storm((url) => refresh(server, client, tokens.refresh_token, { url }));
    expect(successes.length).toBe(1);
    expect(new Set(failures.map((answer) => json(answer)['error']))).toEqual(new Set(['invalid_grant']));
    const [won] = successes.map(json);
    const { grant_id: grantId } = await introspect(server, String(won?.['access_token']));
    const alive = await server.db
      .selectFrom('artifacts')
      .select('id_hash')
      .where('model', '=', 'RefreshToken')
      .where('grant_id', '=', String(grantId))
      .where('consumed_at', 'is', null)
      .execute();
    expect(alive.length).toBe(1);
    expect((await refresh(server, client, String(won?.['refresh_token']))).status).toBe(200);
  }
});
