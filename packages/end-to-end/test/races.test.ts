import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chatStatus } from './harness/chat.js';
import { type Authorization, ClientApp } from './harness/client-app.js';
import { connect, createOwner } from './harness/connect.js';
import { countBy } from './harness/count-by.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import type { Owner } from './harness/owner.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { prepareRevocation } from './harness/revocation.js';

const parallel = 50;
const rounds = 5;

let upstream: RecordingUpstream;
let deployment: Deployment;
let owner: Owner;
let client: ClientApp;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  owner = await createOwner(deployment);
  client = await ClientApp.register(deployment);
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

interface TokenAnswer {
  readonly error?: string;
  readonly access_token?: string;
  readonly refresh_token?: string;
}

/** Sends the same token request many times at once, in turn to each authorization server. */
async function postTokenInParallel(form: Record<string, string>) {
  const send = async (index: number) => {
    const replica = deployment.authorizationServers[index % deployment.authorizationServers.length];
    if (replica === undefined) throw new Error('no authorization server runs');
    const response = await replica.fetch(`${deployment.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: client.clientId, ...form }),
    });
    return { status: response.status, ...((await response.json()) as TokenAnswer) };
  };
  return Promise.all(Array.from({ length: parallel }, (_, index) => send(index)));
}

function codeForm(authorization: Authorization, callback: URL): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: client.redirectUri,
    code_verifier: authorization.codeVerifier,
  };
}

// The ids at the beginning of titles are rows of docs/security.md.
it('T2: of 50 parallel redemptions of one code at two authorization servers exactly one succeeds', async () => {
  for (let round = 0; round < rounds; round++) {
    const authorization = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
    const answers = await postTokenInParallel(codeForm(authorization, await owner.allow(authorization.url)));
    expect(countBy(answers, ({ status, error }) => `${status} ${error ?? 'tokens'}`)).toEqual({
      '200 tokens': 1,
      '400 invalid_grant': parallel - 1,
    });
  }
});

it('R3: 50 parallel uses of one refresh token get the same tokens, one refresh token is valid afterwards, and so is the grant', async () => {
  const { tokens, grantId } = await connect(deployment, { owner, client });
  let refreshToken = tokens.refresh_token ?? '';
  for (let round = 0; round < rounds; round++) {
    const answers = await postTokenInParallel({ grant_type: 'refresh_token', refresh_token: refreshToken });
    const [winner] = answers;
    for (const answer of answers) expect(answer).toEqual({ ...winner, status: 200 });
    expect(await countLiveRefreshTokens(grantId)).toBe(1);
    expect(await chatStatus(deployment.resourceProxyUrl, winner?.access_token ?? '')).toBe(200);
    refreshToken = winner?.refresh_token ?? '';
  }
  await expect(client.refresh(refreshToken)).resolves.toMatchObject({ scope: 'model:gpt-4o-mini cap:chat' });
});

it('after a refresh that races the owner’s revocation, no token is valid at any server', async () => {
  const torn = await createOwner(deployment);
  for (let round = 0; round < 2 * rounds; round++) {
    const { tokens } = await connect(deployment, { owner: torn, client });
    const revocation = await prepareRevocation(torn);
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' };
    const [answers] = await Promise.all([postTokenInParallel(refresh), revocation.send()]);
    const winners = answers.filter(({ status }) => status === 200).slice(0, 1);
    for (const accessToken of [tokens.access_token, ...winners.map(({ access_token }) => access_token ?? '')])
      for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, accessToken)).toBe(401);
    for (const { refresh_token } of winners)
      await expect(client.refresh(refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  }
});

it('a consent that is sent to two servers at the same time makes one grant', async () => {
  for (let round = 0; round < rounds; round++) {
    const hasty = await createOwner(deployment);
    const { url } = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
    const { action, body } = (await hasty.openConsent(url)).fillForm('Allow');
    const headers = { cookie: await hasty.cookies(action), origin: action.origin };
    const answers = await Promise.all(
      deployment.authorizationServers.map((replica) =>
        replica.fetch(action, { method: 'POST', body, headers, redirect: 'manual' }),
      ),
    );
    expect(answers.map(({ status }) => status)).toContain(303);
    const page = await hasty.openApp();
    expect(page.document.querySelectorAll('main > article.grant')).toHaveLength(1);
  }
});

it('3.6: 400 parallel calls under a limit of 50 requests, with two tokens of one grant, over two proxies, reach the AI provider 50 times', async () => {
  const { tokens, accessToken, grantId } = await connect(deployment, {
    owner,
    client,
    changes: { fill: { max_requests: '50' } },
  });
  const accessTokens = [accessToken, (await client.refresh(tokens.refresh_token ?? '')).access_token];
  const hits = upstream.hits.length;
  const statuses = await Promise.all(
    Array.from({ length: 400 }, (_, index) =>
      chatStatus(deployment.resourceProxies[index % 2]?.url ?? '', accessTokens[Math.floor(index / 2) % 2] ?? ''),
    ),
  );
  expect(countBy(statuses, String)).toEqual({ '200': 50, '402': 350 });
  expect(upstream.hits.length - hits).toBe(50);
  const row = await deployment.db
    .selectFrom('grants')
    .select('used_requests')
    .where('id', '=', grantId)
    .executeTakeFirstOrThrow();
  expect(Number(row.used_requests)).toBe(50);
});

async function countLiveRefreshTokens(grantId: string): Promise<number> {
  const rows = await deployment.db
    .selectFrom('artifacts')
    .select('id_hash')
    .where('model', '=', 'RefreshToken')
    .where('grant_id', '=', grantId)
    .where('consumed_at', 'is', null)
    .execute();
  return rows.length;
}

it('consents in eight tabs of one browser at once, over two servers, all lead to tokens', async () => {
  const busy = await createOwner(deployment);
  const other = await ClientApp.register(deployment);
  for (let round = 0; round < rounds; round++) {
    const connections = await Promise.all(
      Array.from({ length: 8 }, (_, index) => connect(deployment, { owner: busy, client: index % 2 ? other : client })),
    );
    expect(new Set(connections.map(({ grantId }) => grantId)).size).toBe(8);
  }
});
