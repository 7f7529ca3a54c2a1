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

(canSearchMemory ? it : it.skip)(
  `L9: once it has been checked, no password is in the authorization server’s memory: a new, a right and a wrong one${skipped}`,
  async () => {
    const [server] = deployment.authorizationServers;
    if (server === undefined) throw new Error('there is no authorization server');
    const credentials = { email: 'memory@example.org', password: 'canary-password-lapwing-3304' };
    const wrong = 'canary-wrong-password-dunlin-5561';
    await new Owner(deployment.issuer, credentials, server.fetch).createAccount();
    await new Owner(deployment.issuer, credentials, server.fetch).signIn();
    await new Owner(deployment.issuer, { ...credentials, password: wrong }, server.fetch).signIn();

    // Node.js reads all connections into one buffer, which keeps the bytes of a request until those of others come.
    for (let count = 0; count < 3; count++) {
      const body = new URLSearchParams({ token: 'x'.repeat(60_000) });
      expect((await server.fetch(`${deployment.issuer}/revoke`, { method: 'POST', body })).status).toBe(413);
    }
    expect(await countInMemory(server.pid, credentials.password)).toBe(0);
    expect(await countInMemory(server.pid, wrong)).toBe(0);
    // The search finds what is there.
    expect(await countInMemory(server.pid, deployment.issuer)).toBeGreaterThan(0);
  },
);
