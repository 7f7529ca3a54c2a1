import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { beginCommand } from './harness/operator-command.js';
import { RecordingUpstream } from './harness/recording-upstream.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
});
afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

/** The line of `doctor` about tokens. `doctor` itself fails, because the database of the tests runs without fsync. */
async function examine(changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const { issuer, resourceProxyUrl, keyFiles, databaseUrls } = deployment;
  const variables = {
    ISSUER: issuer,
    RESOURCE_PROXY_URL: resourceProxyUrl,
    SIGNING_KEYS_FILE: keyFiles.authorizationServer.signingKeys,
    ...changes,
  };
  const { output } = beginCommand(databaseUrls.authorization, ['doctor'], variables);
  const printed = await output.catch((error: Error) => error.message);
  return printed.split('\n').find((line) => line.includes('  tokens: ')) ?? printed;
}

const listEvents = () => deployment.db.selectFrom('audit_events').select('event').execute();

it('`doctor` tests that the resource proxy verifies tokens and asks the authorization server about them, and leaves nothing behind', async () => {
  const before = await listEvents();
  expect(await examine()).toBe(
    'ok      tokens: the resource proxy verifies them, and asks the authorization server about them',
  );
  expect(await listEvents()).toEqual(before);
  expect(upstream.hits).toEqual([]);
});

it('`doctor` finds a proxy that does not accept the signature, does not answer, or is not accepted by the authorization server', async () => {
  expect(await examine({ ISSUER: 'http://127.0.0.1:1' })).toMatch(
    /^NOT OK {2}tokens: the resource proxy does not accept the signature/,
  );
  expect(await examine({ RESOURCE_PROXY_URL: 'http://127.0.0.1:1' })).toMatch(/^WARN {4}tokens: not tried, since http/);
  expect(await examine({ SIGNING_KEYS_FILE: '/nowhere/signing-keys.json' })).toMatch(/^WARN {4}tokens: not tried/);
  await deployment.db
    .updateTable('clients')
    .set({ secret_hash: 'another' })
    .where('id', '=', deployment.proxyClient.id)
    .execute();
  expect(await examine()).toMatch(/^NOT OK {2}tokens: the resource proxy cannot ask the authorization server/);
});
