import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TransitStub } from '@aipassport/resource-proxy/testing';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { ClientApp } from './harness/client-app.js';
import { connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { dumpDatabase } from './harness/dump-database.js';
import { beginKeyCommand } from './harness/operator-command.js';
import { readWholeOutput } from './harness/read-whole-output.js';
import { answerJson, RecordingUpstream, type UpstreamBehaviour } from './harness/recording-upstream.js';
import { callVendor, makeProviderKey, readSentKey, type Vendor, vendorScope } from './harness/vendor-calls.js';

const vendors = ['openai', 'anthropic', 'google'] as const;

// nine commands are started one after the other
jest.setTimeout(240_000);
const place = 'transit/aipassport';

let directory: string;
let engine: TransitStub;
let upstream: RecordingUpstream;
let deployment: Deployment;
let client: ClientApp;
let settings: Record<string, string>;
const owners: KeyedOwner[] = [];

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-transit-'));
  engine = await TransitStub.start();
  engine.makeKey(place);
  const tokenFile = path.join(directory, 'token');
  writeFileSync(tokenFile, engine.token);
  settings = { SEALING_TRANSIT_URL: engine.url, SEALING_TRANSIT_TOKEN_FILE: tokenFile };
  upstream = await RecordingUpstream.start();
  upstream.behaviour = answerWithKeyEnd;
  deployment = await startDeployment({
    upstreamUrl: upstream.url,
    hasOperatorKeys: false,
    variables: () => ({ 'authorization-server': {}, 'resource-proxy': settings }),
  });
  client = await ClientApp.register(deployment);
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
  await engine?.stop();
  rmSync(directory, { recursive: true, force: true });
});

// The ids at the beginning of titles are rows of docs/security.md.
it.each([
  ['into the transit engine', ['--to', place], { kty: 'RSA', transit: { version: 1 } }],
  ['to its next version there', [], { kty: 'RSA', transit: { version: 2 } }],
  ['back into its file', ['--to', 'file'], { kty: 'OKP' }],
] as const)(
  'K3 K6: while the sealing key moves %s, two proxies serve every request with its owner’s key',
  async (_where, args, expected) => {
    const unseen = await connectOwner();
    for (const vendor of vendors) await unseen.addKey(vendor);
    const late = await connectOwner();
    owners.push(unseen, late);
    engine.cutsFirst = true;
    const load = startLoad();
    // In each step, the proxies open a key that they have not opened before, and another owner stores a key.
    for (const vendor of vendors) {
      const step = beginKeyCommand(deployment, ['rotate-sealing-key', '--one-step', ...args], settings).output;
      load.add(unseen, vendor);
      await Promise.all([late.addKey(vendor), step]);
      load.add(late, vendor);
    }
    // The operator archives the versions that nothing is sealed to any more.
    if (expected.kty === 'RSA') engine.archive(place, expected.transit.version);
    expect(await load.stop()).toEqual([]);
    expect(held()).toMatchObject([expected]);
    expect(await countSealingKeys()).toBe(1);
    // Proxies that are started with only the new sealing key can open every owner's provider key.
    await Promise.all(
      deployment.resourceProxies.map(async (proxy) => {
        await proxy.stop();
        await proxy.start();
        for (const owner of owners) expect(await findFailure(owner, 'openai', proxy.url)).toBeUndefined();
      }),
    );
  },
);

it('K1 K6: no server output and no database dump contains the token of the engine or a provider key', async () => {
  const [key = ''] = owners.map(({ keys }) => keys.openai);
  for (const written of [await dumpDatabase(deployment.databaseUrl), await readWholeOutput(deployment)])
    for (const canary of [engine.token, key]) expect(written).not.toContain(canary);
  expect(engine.decryptions).toBeGreaterThan(10);
});

interface KeyedOwner {
  readonly accessToken: string;
  readonly keys: Partial<Record<Vendor, string>>;
  /** Stores a new provider key of this owner on the page of the keys. */
  readonly addKey: (vendor: Vendor) => Promise<void>;
}

async function connectOwner(): Promise<KeyedOwner> {
  const owner = await createOwner(deployment);
  const { accessToken } = await connect(deployment, { owner, client, scope: vendorScope });
  const keys: Partial<Record<Vendor, string>> = {};
  const addKey = async (vendor: Vendor) => {
    const key = makeProviderKey(vendor);
    await owner.addKey(vendor, key);
    keys[vendor] = key;
  };
  return { accessToken, keys, addKey };
}

/** Answers with the end of the provider key, so that an owner sees which key was used. */
function answerWithKeyEnd(...[hit, response]: Parameters<UpstreamBehaviour>): void {
  const message = { role: 'assistant', content: endOf(readSentKey(hit.headers)) };
  answerJson(response, 200, {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o-mini',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  });
}

const endOf = (key = '') => `key-${key.slice(-6)}`;

/** @returns what is wrong with the answer; undefined if it was given with this owner's provider key */
async function findFailure(
  { accessToken, keys }: KeyedOwner,
  vendor: Vendor,
  url: string,
): Promise<string | undefined> {
  const response = await callVendor(url, vendor, accessToken);
  const text = await response.text();
  return response.status === 200 && text.includes(endOf(keys[vendor])) ? undefined : `${response.status} ${text}`;
}

/** Sends requests to each proxy until `stop` is called. */
function startLoad() {
  const asking: Promise<void>[] = [];
  const failures: string[] = [];
  let isOver = false;
  const ask = async (owner: KeyedOwner, vendor: Vendor, url: string) => {
    do {
      const failure = await findFailure(owner, vendor, url);
      if (failure !== undefined) failures.push(failure);
      await delay(100);
    } while (!isOver);
  };
  return {
    add: (owner: KeyedOwner, vendor: Vendor) => {
      asking.push(...deployment.resourceProxies.map(({ url }) => ask(owner, vendor, url)));
    },
    /** @returns what was wrong with the answers */
    stop: async () => {
      isOver = true;
      await Promise.all(asking);
      return failures;
    },
  };
}

function held(): readonly unknown[] {
  const file = JSON.parse(readFileSync(deployment.keyFiles.resourceProxy.sealingPrivateKey, 'utf8')) as {
    readonly keys?: readonly unknown[];
  };
  return file.keys ?? [file];
}

async function countSealingKeys(): Promise<number> {
  const rows = await deployment.db.selectFrom('provider_keys').select('sealing_key_id').distinct().execute();
  return rows.length;
}
