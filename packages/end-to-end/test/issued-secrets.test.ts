import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ClientApp } from './harness/client-app.js';
import { type Connection, connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { answerChat, answerJson, RecordingUpstream } from './harness/recording-upstream.js';
import { callVendor, readSentKey, vendorScope } from './harness/vendor-calls.js';
import { waitUntil } from './harness/wait-until.js';

const first = 'sk-operator-first-0123456789';
const second = 'sk-operator-second-0123456789';

let directory: string;
let upstream: RecordingUpstream;
let deployment: Deployment;
let connection: Connection;
let accepted: readonly string[] = [first];

const fileOf = (name: string) => path.join(directory, name);

/** As docs/operations.md says: a reader sees the old file or the new one. */
function replace(name: string, content: string): void {
  writeFileSync(`${fileOf(name)}.new`, content, { mode: 0o600 });
  renameSync(`${fileOf(name)}.new`, fileOf(name));
}

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-issued-'));
  upstream = await RecordingUpstream.start();
  upstream.behaviour = (hit, response) => {
    const isKnown = accepted.includes(readSentKey(hit.headers) ?? '');
    if (isKnown) answerChat(hit, response);
    else answerJson(response, 401, { error: { code: 'invalid_api_key', message: 'wrong key' } });
  };
  replace('openai', `${first}\n`);
  deployment = await startDeployment({
    upstreamUrl: upstream.url,
    variables: () => ({
      'authorization-server': {},
      'resource-proxy': { OPENAI_API_KEY: '', OPENAI_API_KEY_FILE: fileOf('openai') },
    }),
  });
  const [client, owner] = [await ClientApp.register(deployment), await createOwner(deployment)];
  connection = await connect(deployment, { owner, client, scope: vendorScope });
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function callEach(): Promise<readonly number[]> {
  const { access_token: token } = connection.tokens;
  const answers = await Promise.all(deployment.resourceProxies.map(({ url }) => callVendor(url, 'openai', token)));
  await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  return answers.map(({ status }) => status);
}

/** Both proxies serve requests without a pause while `work` runs. @returns the statuses that were not 200 */
async function underLoad(work: () => Promise<void>): Promise<readonly number[]> {
  const failures: number[] = [];
  let isOver = false;
  const load = (async () => {
    while (!isOver) failures.push(...(await callEach()).filter((status) => status !== 200));
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await load;
  }
  return failures;
}

const hitsWith = (key: string) => upstream.hits.filter(({ headers }) => readSentKey(headers) === key).length;

it('a new API key of the operator in its file is used by every proxy at once, and no request fails', async () => {
  const failures = await underLoad(async () => {
    await waitUntil(async () => hitsWith(first) > 20, 'requests use the first key', 20_000);
    accepted = [first, second];
    replace('openai', second);
    await waitUntil(async () => hitsWith(second) > 20, 'requests use the second key', 20_000);
    // both proxies remember the operator's key for this account, and use the new one nevertheless
    accepted = [second];
    const before = hitsWith(second);
    await waitUntil(async () => hitsWith(second) > before + 20, 'requests go on', 20_000);
  });
  expect(failures).toEqual([]);
  for (const proxy of deployment.resourceProxies)
    expect(proxy.output()).toContain('"event":"secret_changed","variable":"OPENAI_API_KEY_FILE"');
});

it('a file that is not valid keeps the key that was read last, and the log and the health answer say so', async () => {
  const readHealth = async () => {
    const answers = await Promise.all(
      deployment.resourceProxies.map(async ({ url }) => (await fetch(`${url}/health/ready`)).text()),
    );
    return answers.filter((answer) => answer.includes('can no longer be read: OPENAI_API_KEY_FILE')).length;
  };
  const failures = await underLoad(async () => {
    replace('openai', 'a key with blanks');
    await waitUntil(async () => (await readHealth()) === 2, 'both proxies say so', 20_000);
    const before = hitsWith(second);
    await waitUntil(async () => hitsWith(second) > before + 20, 'requests go on', 20_000);
    replace('openai', second);
    await waitUntil(async () => (await readHealth()) === 0, 'both proxies are content', 20_000);
  });
  expect(failures).toEqual([]);
  for (const proxy of deployment.resourceProxies) {
    expect(proxy.output()).toContain('"event":"secret_unreadable","variable":"OPENAI_API_KEY_FILE"');
    expect(proxy.output()).not.toContain('a key with blanks');
  }
});
