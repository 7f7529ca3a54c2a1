import { oneUsd } from '@aipassport/policy';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readText } from './support/browser.js';
import { addClient, buildRequest } from './support/client.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ configuration: { newAccountMaxCostPerMonth: 20n * oneUsd } });
});
afterAll(() => server.close());

it('a new account begins with an overall limit, which the consent page shows and the owner can remove', async () => {
  const owner = await createOwner(server);
  const consent = async () => {
    const request = await buildRequest(server, await addClient(server));
    return readText((await owner.browser.open(request.url)).text);
  };
  expect(await consent()).toContain('All your apps together: $20 a month, $20 left.');
  const settings = await owner.browser.open('/account/settings');
  expect(settings.text).toContain('value="20.00"');
  await owner.browser.submit(settings, '/account/settings/limit', { max_cost_usd_per_month: '' });
  expect(await consent()).not.toContain('All your apps together');
});
