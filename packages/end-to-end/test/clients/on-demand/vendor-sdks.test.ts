import { costOf, createPriceCatalogue, upstreamVariables } from '@aipassport/policy';
import { type Vendor, vendors } from '@aipassport/resource-proxy/testing/vendors';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../../harness/connect.js';
import { type Deployment, startDeployment } from '../../harness/deployment.js';
import { readLedger } from '../../harness/read-ledger.js';
import { RecordingUpstream } from '../../harness/recording-upstream.js';
import { operatorKey } from '../../harness/server-environments.js';
import type { ClientCase } from '../support/client-case.js';
import { expectCase } from '../support/expect-case.js';
import { findInstalled } from '../support/installed.js';
import { onDemandTestMilliseconds } from '../support/on-demand-tool.js';
import { type ToolStack, takeRequestsOf } from '../support/tool-stack.js';
import { answerLike } from '../support/vendor-stub.js';
import { vendorSdks } from './vendor-sdks.js';

const { baseUrlName, keyName } = upstreamVariables;
const prices = createPriceCatalogue();

let upstream: RecordingUpstream;
let deployment: Deployment;
let takeRequests: ToolStack['takeRequests'];

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  const names = Object.keys(vendors);
  const urls = Object.fromEntries(names.map((name) => [baseUrlName(name), upstream.url]));
  const keys = Object.fromEntries(names.map((name) => [keyName(name), operatorKey]));
  deployment = await startDeployment({
    upstreamUrl: upstream.url,
    variables: () => ({
      'authorization-server': { ...urls, OPERATOR_KEYS_FOR: names.join() },
      'resource-proxy': { ...urls, ...keys },
    }),
  });
  takeRequests = takeRequestsOf(deployment);
});
afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

/** What an answer costs whose usage the vendor's documentation states. */
function costOfAnswer(name: string, { model, means }: Pick<Vendor, 'model' | 'means'>): bigint {
  const price = prices.findPrice(name, model, new Date());
  const cost = price && costOf(price, means);
  if (cost?.ok !== true) throw new Error('the usage has no price');
  return cost.nanoUsd;
}

/** Runs a case with a new access. Each answered request must be charged as the vendor's documentation says. */
async function expectCharged(name: string, vendor: Vendor, each: ClientCase): Promise<void> {
  upstream.behaviour = answerLike(vendor);
  const { model, embeddings, charged } = vendor;
  const allowed = [`model:${name}/${model} cap:chat`];
  if (embeddings && each.title === 'embeddings') allowed.push(`model:${name}/${embeddings.model} cap:embeddings`);
  const { accessToken, grantId } = await connect(deployment, { scope: allowed.join(' ') });
  await expectCase({ proxy: { url: deployment.resourceProxyUrl, accessToken }, takeRequests }, each);
  const costs = each.requests.flatMap((request) => {
    if (request.endsWith('chat/completions')) return [String(charged ?? costOfAnswer(name, vendor))];
    return request.endsWith('embeddings') && embeddings ? [String(costOfAnswer(name, embeddings))] : [];
  });
  if (costs.length === 0) return;
  const rows = await readLedger(deployment, grantId, costs.length);
  expect(rows.map(({ settlement, cost }) => [settlement, cost])).toEqual(costs.map((cost) => ['reported', cost]));
}

describe.each(vendorSdks)('$id at $upstream', ({ id, upstream: name, describe: describeSdk }) => {
  const vendor = vendors[name];
  if (vendor === undefined) throw new Error(`no vendor has the name ${name}`);
  const installed = findInstalled(id);
  const isThere = 'directory' in installed;
  for (const each of describeSdk(isThere ? installed.directory : '').cases)
    if (isThere) it(each.title, () => expectCharged(name, vendor, each), onDemandTestMilliseconds);
    else it.skip(`${each.title} (skipped: ${installed.missing})`, () => undefined);
});
