import { createModelCatalogue } from '@aipassport/policy';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chatStatus } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import type { Owner } from './harness/owner.js';
import { RecordingUpstream } from './harness/recording-upstream.js';

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

/** Each model under both of its names: more than two hundred scope tokens, which are all valid. */
const { models } = createModelCatalogue();
const names = [...models.map(({ id }) => id), ...models.map(({ upstream: vendor, id }) => `${vendor}/${id}`)];

function scopeOf(count: number): string {
  return ['cap:chat', ...names.slice(0, count).map((name) => `model:${name}`)].join(' ');
}

/** Requests access to this many models. @returns the error code; undefined when the owner sees the consent page */
async function refusalOf(count: number): Promise<string | undefined> {
  const { leftTo } = await owner.open((await client.beginAuthorization(scopeOf(count))).url);
  return leftTo?.searchParams.get('error') ?? undefined;
}

/** The largest number of models for which the owner sees the consent page. */
async function findMost(): Promise<number> {
  let [fits, tooMany] = [1, 150];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if ((await refusalOf(middle)) === undefined) fits = middle;
    else tooMany = middle;
  }
  return fits;
}

// The ids at the beginning of titles are rows of docs/security.md.
it('A13: the largest grant that can be consented to, with every limit, makes a token that the proxy accepts; one more model is refused', async () => {
  const most = await findMost();
  expect(most).toBeGreaterThan(80);
  const { leftTo } = await owner.open((await client.beginAuthorization(scopeOf(most + 1))).url);
  expect(leftTo?.searchParams.get('error')).toBe('invalid_scope');
  expect(leftTo?.searchParams.get('error_description')).toContain('more models than an access token can hold');

  const fill = {
    max_requests: '1000000000',
    max_cost_usd: '999999.999999999',
    max_cost_usd_per_day: '999999.999999999',
    max_cost_usd_per_month: '999999.999999999',
    max_requests_per_minute: '100000',
    max_tokens_per_minute: '1000000000',
    max_streams: '1000',
  };
  const { accessToken } = await connect(deployment, { owner, client, scope: scopeOf(most), changes: { fill } });
  expect(accessToken.length).toBeLessThanOrEqual(8_192);
  expect(accessToken.length).toBeGreaterThan(7_500);
  expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(200);
});

it('A13: authorization_details and pushed requests have the same bound', async () => {
  const proposal = { models: names.slice(0, 100), capabilities: ['chat'] };
  const scope = names
    .slice(100, 180)
    .map((name) => `model:${name}`)
    .join(' ');
  const { url } = await client.beginAuthorization(scope, proposal);
  expect((await owner.open(url)).leftTo?.searchParams.get('error')).toBe('invalid_scope');
  const pushed = await fetch(`${deployment.issuer}/par`, { method: 'POST', body: url.searchParams });
  expect([pushed.status, await pushed.json()]).toMatchObject([400, { error: 'invalid_scope' }]);
});
