import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { launcherEnvironment } from '../src/environment.js';
import { freePort } from '../src/free-port.js';
import { checkPorts, listWantedPorts } from '../src/start/check-ports.js';
import { readUpstreams } from '../src/start/read-upstreams.js';

let taken: Server | undefined;
afterEach(() => {
  taken?.close();
});

async function takePort(host: string): Promise<number> {
  const port = await freePort();
  const server = createServer();
  taken = server;
  await new Promise<void>((resolve) => {
    server.listen(port, host, () => resolve());
  });
  return port;
}

it.each(['127.0.0.1', '::1', '0.0.0.0'])('names a port that is taken on %s, and the variable to set', async (host) => {
  const port = await takePort(host);
  expect(await checkPorts([{ name: 'demo app', variable: 'DEMO_APP_PORT', port }])).toEqual([
    `Port ${port}, for the demo app, is taken by another program: set DEMO_APP_PORT to another port.`,
  ]);
});

it('finds two servers that are configured for the same port', async () => {
  const port = await freePort();
  const wanted = [
    { name: 'demo app', variable: 'DEMO_APP_PORT', port },
    { name: 'resource proxy', variable: 'RESOURCE_PROXY_PORT', port },
  ];
  expect(await checkPorts(wanted)).toEqual([
    `DEMO_APP_PORT and RESOURCE_PROXY_PORT are both ${port}: set one of them to another port.`,
  ]);
});

it('needs a port for the simulated AI provider only if no provider key is given, and one for the database only if requested', () => {
  const list = (variables: Record<string, string>) =>
    listWantedPorts(launcherEnvironment.read({ variables, readFile: () => '' }), readUpstreams(variables)).map(
      ({ variable }) => variable,
    );
  const always = ['AUTHORIZATION_SERVER_PORT', 'RESOURCE_PROXY_PORT', 'DEMO_APP_PORT'];
  expect(list({})).toEqual([...always, 'SIMULATED_UPSTREAM_PORT']);
  expect(list({ OPENAI_API_KEY: 'sk-x' })).toEqual(always);
  expect(list({ OPENAI_API_KEY: 'sk-x', POSTGRES_PORT: '5433' })).toEqual([...always, 'POSTGRES_PORT']);
  expect(list({ OPENAI_API_KEY: 'sk-x', POSTGRES_PORT: '5433', DATABASE_URL: 'postgres://x' })).toEqual(always);
});

it('refuses a port to which no browser connects, except for the database', async () => {
  const check = (variable: string) => checkPorts([{ name: 'program', variable, port: 6000 }]);
  expect(await check('AUTHORIZATION_SERVER_PORT')).toEqual([
    'Port 6000, for the program, is blocked by browsers: set AUTHORIZATION_SERVER_PORT to another port.',
  ]);
  expect(await check('POSTGRES_PORT')).toEqual([]);
});
