import { deleteClient, revokeGrant } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { addClient, connect, introspect, obtainCode, redeem, refresh, type TestClient } from './support/client.js';
import { type Answer, json } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

const parallel = 50;

let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  client = await addClient(server);
  owner = await createOwner(server);
});
afterAll(() => server.close());

/** Sends the same request many times in parallel, to the replicas in turn. */
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

async function isAlive(accessToken: unknown): Promise<boolean> {
  return (await introspect(server, String(accessToken)))['active'] === true;
}

async function grantIdOf(accessToken: unknown): Promise<string> {
  return String((await introspect(server, String(accessToken)))['grant_id']);
}

const artifactsOf = (grantId: string) =>
  server.db.selectFrom('artifacts').select(['model', 'consumed_at']).where('grant_id', '=', grantId).execute();

// The ids at the beginning of titles are rows of docs/security.md.
it('T2: of 50 concurrent redemptions of one code at two servers exactly one succeeds, and its tokens stay valid', async () => {
  for (let round = 0; round < 20; round += 1) {
    const code = await obtainCode(server, owner.browser, client);
    const { successes, failures } = await storm((url) => redeem(server, client, code, url));
    expect(successes.length).toBe(1);
    expect(new Set(failures.map((answer) => json(answer)['error']))).toEqual(new Set(['invalid_grant']));
    const [won = {}] = successes.map(json);
    expect(await isAlive(won['access_token'])).toBe(true);
    expect((await refresh(server, client, String(won['refresh_token']))).status).toBe(200);
  }
});

it('T2: of concurrent redemptions with the right and a wrong verifier at most one succeeds, and a later one with a wrong verifier ends the grant', async () => {
  for (let round = 0; round < 5; round += 1) {
    const code = await obtainCode(server, owner.browser, client);
    const thief = { ...code, codeVerifier: 'x'.repeat(43) };
    let sent = 0;
    const { successes } = await storm((url) => redeem(server, client, (sent++ + round) % 5 === 0 ? thief : code, url));
    // A thief with the code but without its verifier gets nothing. If the thief comes second, the grant ends, and then
    // all tokens are revoked.
    expect(successes.length).toBeLessThanOrEqual(1);
    await redeem(server, client, thief);
    for (const answer of successes) expect(await isAlive(json(answer)['access_token'])).toBe(false);
  }
});

it('R3: 50 concurrent exchanges of one refresh token get the same answer and one new refresh token', async () => {
  for (let round = 0; round < 5; round += 1) {
    const tokens = await connect(server, owner.browser, client);
    const { successes } = await storm((url) => refresh(server, client, tokens.refresh_token, { url }));
    expect(successes.length).toBe(parallel);
    expect(new Set(successes.map(({ text }) => text)).size).toBe(1);
    const [won = {}] = successes.map(json);
    const rows = await artifactsOf(await grantIdOf(won['access_token']));
    expect(rows.filter(({ model, consumed_at }) => model === 'RefreshToken' && consumed_at === null).length).toBe(1);
    expect((await refresh(server, client, String(won['refresh_token']))).status).toBe(200);
  }
});

it('R3: tabs that repeatedly refresh at once through a client library all stay signed in', async () => {
  const issuer = new URL(server.issuer);
  const options: openid.DiscoveryRequestOptions = { execute: [openid.allowInsecureRequests], algorithm: 'oauth2' };
  const config = await openid.discovery(issuer, client.id, undefined, openid.ClientSecretBasic(client.secret), options);
  let { refresh_token: kept } = await connect(server, owner.browser, client);
  for (let round = 0; round < 5; round += 1) {
    const tabs = await Promise.all([1, 2, 3].map(() => openid.refreshTokenGrant(config, kept)));
    // A tab whose earlier answer was lost repeats the refresh.
    tabs.push(await openid.refreshTokenGrant(config, kept));
    expect(new Set(tabs.map(({ refresh_token }) => refresh_token)).size).toBe(1);
    for (const { access_token } of tabs) expect(await isAlive(access_token)).toBe(true);
    kept = tabs[0]?.refresh_token ?? '';
  }
});

it('R7: a redemption that races a revocation yields no live token, and leaves no rows behind', async () => {
  for (let round = 0; round < 10; round += 1) {
    const code = await obtainCode(server, owner.browser, client);
    const { id: grantId } = await server.db
      .selectFrom('grants')
      .select('id')
      .orderBy('created_at', 'desc')
      .executeTakeFirstOrThrow();
    const revoke = async () => {
      await new Promise((resolve) => setTimeout(resolve, 2 * round));
      return revokeGrant(server.db, { grantId, reason: 'owner', revokedBy: owner.accountId });
    };
    const [{ successes }] = await Promise.all([storm((url) => redeem(server, client, code, url)), revoke()]);
    expect(successes.length).toBeLessThanOrEqual(1);
    for (const answer of successes) expect(await isAlive(json(answer)['access_token'])).toBe(false);
    expect(await artifactsOf(grantId)).toEqual([]);
  }
});

it('R7: a refresh that races a revocation yields no live token, and leaves no rows behind', async () => {
  for (let round = 0; round < 10; round += 1) {
    const tokens = await connect(server, owner.browser, client);
    const grantId = await grantIdOf(tokens.access_token);
    const revoke = async () => {
      await new Promise((resolve) => setTimeout(resolve, 2 * round));
      return revokeGrant(server.db, { grantId, reason: 'owner', revokedBy: owner.accountId });
    };
    const [{ successes, failures }] = await Promise.all([
      storm((url) => refresh(server, client, tokens.refresh_token, { url })),
      revoke(),
    ]);
    expect(failures.filter((answer) => json(answer)['error'] !== 'invalid_grant')).toEqual([]);
    for (const answer of successes) {
      expect(await isAlive(json(answer)['access_token'])).toBe(false);
      expect((await refresh(server, client, String(json(answer)['refresh_token']))).status).toBe(400);
    }
    expect(await artifactsOf(grantId)).toEqual([]);
  }
});

it('R7: a client can be deleted while its codes are redeemed, without a deadlock', async () => {
  for (let round = 0; round < 10; round += 1) {
    const doomed = await addClient(server);
    const codes = await Promise.all(Array.from({ length: 6 }, () => obtainCode(server, owner.browser, doomed)));
    const remove = async () => {
      await new Promise((resolve) => setTimeout(resolve, 4 * round));
      return deleteClient(server.db, doomed.id);
    };
    const redemptions = codes.map((code, index) => redeem(server, doomed, code, server.urls[index % 2] ?? ''));
    const [isDeleted, ...answers] = await Promise.all([remove(), ...redemptions]);
    expect(isDeleted).toBe(true);
    for (const { status } of answers) expect([200, 400, 401]).toContain(status);
  }
});
