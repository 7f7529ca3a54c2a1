import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { register } from '../clients/support/stack.js';
import { createOwner } from '../harness/connect.js';
import { type Deployment, startDeployment } from '../harness/deployment.js';
import { Owner } from '../harness/owner.js';
import { operatorKey } from '../harness/server-environments.js';
import { simulatedAnswer, startSimulatedUpstream } from '../harness/simulated-upstream.js';
import { type ExampleServer, locateExample, startExample } from './example-process.js';

let upstream: Awaited<ReturnType<typeof startSimulatedUpstream>>;
let deployment: Deployment;

beforeAll(async () => {
  upstream = await startSimulatedUpstream(operatorKey);
  deployment = await startDeployment({ upstreamUrl: upstream.url });
}, 60_000);
afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

describe.each([
  ['Express', locateExample('express/server.js'), ''],
  ['Next.js', fileURLToPath(new URL('serve-routes.js', import.meta.url)), '/ai'],
])('the example for %s', (name, program, base) => {
  let app: ExampleServer;
  let owner: Owner;
  let visitor: Owner;

  beforeAll(async () => {
    app = await startExample(program, deployment, async (origin) => {
      const redirectUris = [`${origin}${base}/callback`];
      const client = await register({ deployment }, { client_name: `My ${name}`, redirect_uris: redirectUris });
      return { CLIENT_ID: client.client_id, CLIENT_SECRET: client.client_secret };
    });
    owner = await createOwner(deployment);
    visitor = new Owner(app.origin, owner.credentials);
  });
  afterAll(() => app?.close());

  const post = (path: string, fields = {}) =>
    visitor.post(new URL(`${base}${path}`, app.origin), new URLSearchParams(fields));
  const ask = async () => {
    const { page } = await post('/chat', { question: 'What is the capital of France?' });
    return [page.status, page.html];
  };
  const leave = async (path: string) => (await post(path)).leftTo ?? new URL('nowhere:');

  it('connects, streams, is refused at the limit, continues after the limit is raised, and reports a revocation', async () => {
    expect((await ask())[0]).toBe(401);
    const denied = await visitor.open(await owner.deny(await leave('/connect')));
    expect([denied.page.status, denied.page.html]).toEqual([403, expect.stringContaining('access_denied')]);
    await visitor.open(await owner.allow(await leave('/connect')));
    expect(await ask()).toEqual([200, simulatedAnswer]);
    expect(await ask()).toEqual([200, simulatedAnswer]);
    expect(await ask()).toEqual([402, expect.stringContaining('"code":"limit_reached"')]);
    expect((await ask())[1]).toContain(`"pageUrl":"${deployment.issuer}/account/grants/`);
    await visitor.open(await owner.allow(await leave('/raise')));
    expect(await ask()).toEqual([200, simulatedAnswer]);
    await owner.revoke(`My ${name}`);
    expect(await ask()).toEqual([401, expect.stringContaining('"code":"access_revoked"')]);
  });

  it('does not use a session id that it did not create', async () => {
    const chosen = 'chosen-by-another-person';
    const headers = { cookie: `session=${chosen}; ai-session=${chosen}`, origin: app.origin };
    const body = new URLSearchParams({ question: 'What is the capital of France?' });
    const answer = await fetch(`${app.origin}${base}/chat`, { method: 'POST', headers, body });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('set-cookie')).toMatch(/^(ai-)?session=[\da-f-]{36};/);
  });

  it('revokes its grant when its user disconnects', async () => {
    await visitor.open(await owner.allow(await leave('/connect')));
    expect(await ask()).toEqual([200, simulatedAnswer]);
    await post('/disconnect');
    expect((await ask())[0]).toBe(401);
    const { page } = await owner.open('/account/apps');
    expect(page.document.querySelectorAll('main > .apps > li')).toHaveLength(0);
  });
});
