import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { Owner } from './harness/owner.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { canSearchMemory, countInMemory } from './harness/search-memory.js';

let upstream: RecordingUpstream;
let deployment: Deployment;
beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  deployment = await startDeployment({ upstreamUrl: upstream.url });
}, 60_000);
afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

const skipped = canSearchMemory ? '' : ' (skipped: only Linux shows the memory of a process)';

// The ids at the beginning of titles are rows of docs/security.md.
(canSearchMemory ? it : it.skip)(
  `L9: no password is in the authorization server’s memory after its check, and no provider key after its sealing${skipped}`,
  async () => {
    const [server] = deployment.authorizationServers;
    if (server === undefined) throw new Error('there is no authorization server');
    const credentials = { email: 'memory@example.org', password: 'canary-password-lapwing-3304' };
    const wrong = 'canary-wrong-password-dunlin-5561';
    const owner = new Owner(deployment.issuer, credentials, server.fetch);
    await owner.createAccount();
    const keys = {
      openai: 'sk-proj-canary0dipper0key0123456789',
      anthropic: 'sk-ant-api03-canary0siskin0key0123456789',
    };
    for (const [upstream, key] of Object.entries(keys))
      expect((await owner.addKey(upstream as keyof typeof keys, key)).text).toContain(key.slice(-4));
    const mistyped = 'sk-canary0linnet0key0123456789 and more';
    expect((await owner.addKey('openai', mistyped)).status).toBe(422);
    await new Owner(deployment.issuer, credentials, server.fetch).signIn();
    await new Owner(deployment.issuer, { ...credentials, password: wrong }, server.fetch).signIn();

    // Node.js reads all connections into one buffer, which keeps the bytes of a request until other requests arrive.
    for (let count = 0; count < 3; count++) {
      const body = new URLSearchParams({ token: 'x'.repeat(60_000) });
      expect((await server.fetch(`${deployment.issuer}/revoke`, { method: 'POST', body })).status).toBe(413);
    }
    const secrets = { password: credentials.password, wrong, ...keys, mistyped };
    for (const [name, secret] of Object.entries(secrets))
      expect([name, await countInMemory(server.pid, secret)]).toEqual([name, 0]);
    // This shows that the search works: it finds a text that is in memory.
    expect(await countInMemory(server.pid, deployment.issuer)).toBeGreaterThan(0);
  },
  120_000,
);
