import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseSealingKey, sealProviderKey } from '@aipassport/authorization-server/operating';
import { insertAccount, upsertProviderKey } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { decodeProtectedHeader, type JWK } from 'jose';
import { Client } from 'pg';
import { chatStatus } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { type Connection, connect } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { beginKeyCommand } from './harness/operator-command.js';
import { answerChat, RecordingUpstream } from './harness/recording-upstream.js';
import { callVendor, connectWithKey, makeProviderKey, readSentKey } from './harness/vendor-calls.js';
import { waitUntil } from './harness/wait-until.js';

type KeyedConnection = Connection & { readonly key: string };

let upstream: RecordingUpstream;
let deployment: Deployment;
let client: ClientApp;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url, hasOperatorKeys: false });
  client = await ClientApp.register(deployment);
});

beforeEach(() => {
  upstream.hits.length = 0;
  upstream.behaviour = answerChat;
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

// The ids at the beginning of titles are rows of docs/security.md.
it('K3: while the sealing key is rotated no request fails, each uses its owner’s provider key, and the old key is removed', async () => {
  const seen = [await connectWithKey(deployment, client), await connectWithKey(deployment, client)];
  const unseen = await connectWithKey(deployment, client);
  for (const connection of seen) await expectOwnKey(connection);
  const oldId = readSealingKeyId();

  const load = startLoad(seen);
  const output = await beginKeyCommand(deployment, ['rotate-sealing-key']).output;
  await delay(200);
  const { count, failures } = await load.stop();
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThan(10);
  expect(new Set(upstream.hits.map(({ headers }) => readSentKey(headers)))).toEqual(
    new Set(seen.map(({ key }) => key)),
  );

  const newId = readSealingKeyId();
  expect(newId).not.toBe(oldId);
  expect(output).toContain('Resealed: 3 API keys.');
  expect(await countBySealingKey()).toEqual({ [newId]: 3 });
  // without a restart, the proxies open a provider key that is new to them, and new ones are sealed to the new key
  await expectOwnKey(unseen);
  await expectOwnKey(await connectWithKey(deployment, client));
  expect(await countBySealingKey()).toEqual({ [newId]: 4 });
  const privateFile = readFileSync(deployment.keyFiles.resourceProxy.sealingPrivateKey, 'utf8');
  expect((JSON.parse(privateFile) as JWK).kid).toBe(newId);
  expect(privateFile).not.toContain(`"${oldId}"`);
  // a proxy that is started with only the new key works for every owner
  const [proxy] = deployment.resourceProxies;
  await proxy?.stop();
  await proxy?.start();
  for (const connection of [...seen, unseen]) await expectOwnKey(connection);
});

it('K3: a rotation that was killed continues where it stopped, and loses no provider key', async () => {
  const connection = await connectWithKey(deployment, client);
  await addManyKeys(400);
  const oldId = readSealingKeyId();
  await killRotationInItsMiddle();
  const { [oldId]: left = 0, ...done } = await countBySealingKey();
  expect(left).toBeGreaterThan(0);
  expect(Object.values(done)[0]).toBeGreaterThan(0);
  await expectOwnKey(connection);

  const counts = await countBySealingKey();
  expect(await beginKeyCommand(deployment, ['rotate-sealing-key']).output).toContain(`Resealed: ${left} `);
  const all = Object.values(counts).reduce((one, other) => one + other, 0);
  expect(await countBySealingKey()).toEqual({ [readSealingKeyId()]: all });
  await expectOwnKey(connection);
});

it('M7: the operator’s command publishes a new signing key, then signs with it, then retires the old one, with nothing restarted', async () => {
  const before = await connect(deployment, { client });
  const rotate = () => beginKeyCommand(deployment, ['rotate-signing-key']).output;
  const [oldId] = readSigningKeys().map(({ kid }) => kid);

  expect(await rotate()).toContain('Published the signing key');
  const newId = readSigningKeys()[1]?.kid;
  await waitForPublished([oldId, newId]);
  expect(kidOf(await connect(deployment, { client }))).toBe(oldId);
  expect(await rotate()).toContain('Nothing to do before');

  letTimePass('published_at', 16);
  expect(await rotate()).toContain(`${newId} signs.`);
  await waitForPublished([newId, oldId]);
  const after = await connect(deployment, { client });
  expect(kidOf(after)).toBe(newId);
  for (const { accessToken } of [before, after])
    for (const { url } of deployment.resourceProxies) expect(await chatStatus(url, accessToken)).not.toBe(401);
  expect(await rotate()).toContain('Nothing to do before');

  letTimePass('signing_since', 16);
  expect(await rotate()).toContain(`Retired ${oldId}.`);
  await waitForPublished([newId]);
  expect((await client.refresh(before.tokens.refresh_token ?? '')).access_token).toEqual(expect.any(String));
});

it('M7 S8: the first token of a new signing key passes at every proxy under a flood of tokens with unknown keys', async () => {
  const { accessToken } = await connect(deployment, { client });
  const flood = startFlood(accessToken);
  const rotate = () => beginKeyCommand(deployment, ['rotate-signing-key']).output;
  const [oldId] = readSigningKeys().map(({ kid }) => kid);
  expect(await rotate()).toContain('Published the signing key');
  const newId = readSigningKeys()[1]?.kid;
  await waitForPublished([oldId, newId]);
  letTimePass('published_at', 16);
  expect(await rotate()).toContain(`${newId} signs.`);
  await waitForPublished([newId, oldId]);
  const after = await connectWithKey(deployment, client);
  expect(kidOf(after)).toBe(newId);
  await expectOwnKey(after);
  const statuses = await flood.stop();
  expect(statuses.size).toBeGreaterThan(0);
  expect([...statuses].filter((status) => status !== 401 && status !== 503)).toEqual([]);
});

/** Expects that every proxy sends this owner's key and no other. */
async function expectOwnKey({ accessToken, key }: KeyedConnection): Promise<void> {
  for (const { url } of deployment.resourceProxies) {
    upstream.hits.length = 0;
    expect((await callVendor(url, 'openai', accessToken)).status).toBe(200);
    expect(upstream.hits.map(({ headers }) => readSentKey(headers))).toEqual([key]);
  }
}

/** Sends requests to every proxy until `stop` is called. */
function startLoad(connections: readonly KeyedConnection[]) {
  const failures: string[] = [];
  let count = 0;
  let isOver = false;
  const ask = async (url: string, accessToken: string) => {
    while (!isOver) {
      const response = await callVendor(url, 'openai', accessToken);
      if (response.status !== 200) failures.push(`${response.status} ${await response.text()}`);
      else await response.arrayBuffer();
      count += 1;
    }
  };
  const asking = deployment.resourceProxies.flatMap(({ url }) =>
    connections.map(({ accessToken }) => ask(url, accessToken)),
  );
  const stop = async () => {
    isOver = true;
    await Promise.all(asking);
    return { count, failures };
  };
  return { stop };
}

/** Sends forged tokens to every proxy until `stop` is called. Each token has another unknown key id. */
function startFlood(accessToken: string) {
  const [header = '', payload = ''] = accessToken.split('.');
  const known = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
  const statuses = new Set<number>();
  let isOver = false;
  const ask = async (url: string) => {
    while (!isOver) {
      const invented = Buffer.from(JSON.stringify({ ...known, kid: randomUUID() })).toString('base64url');
      statuses.add(await chatStatus(url, `${invented}.${payload}.${randomBytes(64).toString('base64url')}`));
    }
  };
  const asking = deployment.resourceProxies.flatMap(({ url }) => Array.from({ length: 4 }, () => ask(url)));
  const stop = async () => {
    isOver = true;
    await Promise.all(asking);
    return statuses;
  };
  return { stop };
}

/** Stores keys of other owners. With many keys, a rotation takes long enough to be killed before its end. */
async function addManyKeys(count: number): Promise<void> {
  const sealingKey = parseSealingKey(readJson(deployment.keyFiles.authorizationServer.sealingPublicKey));
  const host = new URL(upstream.url).host;
  for (let index = 0; index < count; index++) {
    const account = await insertAccount(deployment.db, { email: `${randomUUID()}@example.org`, passwordHash: '' });
    const accountId = account?.id ?? '';
    const key = makeProviderKey('openai');
    const jwe = await sealProviderKey(
      sealingKey,
      { account: accountId, upstream: 'openai', host, version: 1 },
      Buffer.from(key),
    );
    const sealed = { host, version: 1, sealingKeyId: sealingKey.kid, jwe, lastFour: key.slice(-4) };
    expect(await upsertProviderKey(deployment.db, { accountId, upstream: 'openai', ...sealed })).toBe(true);
  }
}

async function countBySealingKey(): Promise<Readonly<Record<string, number>>> {
  const rows = await deployment.db
    .selectFrom('provider_keys')
    .select(({ fn }) => ['sealing_key_id', fn.countAll<bigint>().as('count')])
    .groupBy('sealing_key_id')
    .execute();
  return Object.fromEntries(rows.map(({ sealing_key_id: id, count }) => [id, Number(count)]));
}

function readSealingKeyId(): string {
  return parseSealingKey(readJson(deployment.keyFiles.authorizationServer.sealingPublicKey)).kid;
}

interface StoredKey extends JWK {
  readonly published_at?: string;
  readonly signing_since?: string;
}

function readSigningKeys(): readonly StoredKey[] {
  return (readJson(deployment.keyFiles.authorizationServer.signingKeys) as { readonly keys: readonly StoredKey[] })
    .keys;
}

/** Moves this instant of each key into the past, as if the command that wrote it had run that much earlier. */
function letTimePass(member: 'published_at' | 'signing_since', minutes: number): void {
  const keys = readSigningKeys().map((key) => {
    const instant = key[member];
    return instant === undefined
      ? key
      : { ...key, [member]: new Date(Date.parse(instant) - minutes * 60_000).toISOString() };
  });
  writeFileSync(deployment.keyFiles.authorizationServer.signingKeys, JSON.stringify({ keys }));
}

/** Waits until every authorization server has read its key file again and publishes exactly these keys. */
async function waitForPublished(ids: readonly (string | undefined)[]): Promise<void> {
  for (const replica of deployment.authorizationServers)
    await waitUntil(
      async () => {
        const { keys } = (await (await replica.fetch(`${deployment.issuer}/jwks`)).json()) as { readonly keys: JWK[] };
        const access = keys.filter(({ alg }) => alg === 'ES256');
        return access.map(({ kid }) => kid).join(' ') === ids.join(' ');
      },
      'the key set is published',
      20_000,
    );
}

/** Returns when the killed command has no connection to the database any more, so that its last statement has ended. */
async function killRotationInItsMiddle(): Promise<void> {
  const database = new Client({ connectionString: deployment.databaseUrl });
  await database.connect();
  const isGone = async () => {
    const { rowCount } = await database.query(
      `select from pg_stat_activity where datname = current_database() and application_name = 'aipassport operator'`,
    );
    return rowCount === 0;
  };
  const isBegun = async () => Object.keys(await countBySealingKey()).length > 1;
  try {
    // locks a row in the middle, so that the rotation waits for it
    await database.query('begin');
    await database.query(
      'select from provider_keys where id = (select id from provider_keys order by id offset 200 limit 1) for update',
    );
    const { child, output } = beginKeyCommand(deployment, ['rotate-sealing-key']);
    const killed = expect(output).rejects.toThrow('ended with SIGKILL');
    await waitUntil(isBegun, 'some keys are sealed anew', 30_000);
    child.kill('SIGKILL');
    await killed;
    await database.query('rollback');
    await waitUntil(isGone, 'the command is not connected any more', 20_000);
  } finally {
    await database.end();
  }
}

function kidOf({ accessToken }: Connection): string | undefined {
  return decodeProtectedHeader(accessToken).kid;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
