import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { environment as authorizationServer } from '@aipassport/authorization-server/environment';
import type { Variable } from '@aipassport/contracts';
import { builtInUpstreams, upstreamVariables } from '@aipassport/policy';
import { environment as resourceProxy } from '@aipassport/resource-proxy/environment';
import { expect, it } from '@jest/globals';
import { launcherEnvironment } from '../src/environment.js';
import { locateKeyFiles } from '../src/keys/key-files.js';
import { decidedSettings } from '../src/start/forward-settings.js';
import { listServers } from '../src/start/list-servers.js';
import { type KnownUpstreams, readUpstreams } from '../src/start/read-upstreams.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const keyFiles = locateKeyFiles('/data/keys');
const makeDirectory = useTemporaryDirectories();

function listHeaps(variables: Record<string, string>, memoryBytes: number) {
  return makeServers(variables, memoryBytes).map(({ heapMegabytes }) => heapMegabytes);
}

function list(variables: Record<string, string>, upstreams?: KnownUpstreams) {
  return Object.fromEntries(makeServers(variables, 0, upstreams).map((server) => [server.name, server.environment]));
}

/** Lists only the built-in upstreams, and reads no file. */
function listBuiltIn(variables: Record<string, string>): KnownUpstreams {
  const names = builtInUpstreams.map(({ name }) => name);
  return { entries: builtInUpstreams, withKey: names.filter((name) => variables[upstreamVariables.keyName(name)]) };
}

function makeServers(variables: Record<string, string>, memoryBytes: number, upstreams = listBuiltIn(variables)) {
  const environment = launcherEnvironment.read({ variables, readFile: () => '' });
  const urlOf = (role: string) => `postgres://${role}:database-password-of-${role}@127.0.0.1:5432/postgres`;
  const databaseUrls = { owner: urlOf('owner'), authorization: urlOf('authorization'), proxy: urlOf('proxy') };
  return listServers({
    environment,
    upstreams,
    databaseUrls,
    dataDirectory: '/data',
    keyFiles,
    variables,
    memoryBytes,
  });
}

it('passes provider keys to the resource proxy only', () => {
  const { 'resource proxy': proxy, ...others } = list({ OPENAI_API_KEY: 'sk-canary' });
  expect(proxy).toMatchObject({ OPENAI_API_KEY: 'sk-canary', ALLOW_OPERATOR_KEYS: 'true' });
  expect(JSON.stringify(others)).not.toContain('sk-canary');
  expect(others['authorization server']).toMatchObject({ OPERATOR_KEYS_FOR: 'openai', SIMULATED_UPSTREAM: 'false' });
});

it('passes the provider key of an AI provider that the operator added to the resource proxy only', () => {
  const file = path.join(makeDirectory(), 'prices.json');
  const entry = { name: 'acme', label: 'Acme', base_url: 'https://acme.example', dialect: 'openai' };
  writeFileSync(file, JSON.stringify({ upstreams: [{ ...entry, operations: ['chat/completions'] }] }));
  const variables = { PRICES_FILE: file, ACME_API_KEY: 'canary' };
  const { 'resource proxy': proxy, ...others } = list(variables, readUpstreams(variables));
  expect(proxy).toMatchObject(variables);
  expect(JSON.stringify(others)).not.toContain('canary');
  expect(others['authorization server']).toMatchObject({ PRICES_FILE: file, OPERATOR_KEYS_FOR: 'acme' });
  expect(others).not.toHaveProperty('simulated AI provider');
  const inFile = path.join(makeDirectory(), 'key');
  writeFileSync(inFile, 'canary');
  const byFile = { PRICES_FILE: file, ACME_API_KEY_FILE: inFile };
  expect(list(byFile, readUpstreams(byFile))['resource proxy']).toMatchObject(byFile);
});

it('passes only the public half of the sealing key to the authorization server, and to each server only its own secrets', () => {
  const { 'authorization server': authorization, 'resource proxy': proxy, 'demo app': demoApp } = list({});
  expect(authorization).toMatchObject({ SEALING_PUBLIC_KEY_FILE: keyFiles.authorizationServer.sealingPublicKey });
  expect(JSON.stringify(authorization)).not.toContain(keyFiles.resourceProxy.directory);
  expect(JSON.stringify(proxy)).not.toContain(keyFiles.authorizationServer.directory);
  expect(JSON.stringify(demoApp)).not.toMatch(/keys|database-password/);
  expect(JSON.stringify(authorization)).not.toMatch(/database-password-of-(owner|proxy)/);
  expect(JSON.stringify(proxy)).not.toMatch(/database-password-of-(owner|authorization)/);
});

it('runs the simulated AI provider only if there is no provider key, and tells both servers about it', () => {
  expect(list({})).toHaveProperty('simulated AI provider');
  expect(list({})['resource proxy']).toMatchObject({ SIMULATED_UPSTREAM_URL: 'http://127.0.0.1:4300' });
  expect(list({})['authorization server']).toMatchObject({ SIMULATED_UPSTREAM: 'true', OPERATOR_KEYS_FOR: '' });
  expect(list({ GOOGLE_API_KEY: 'g' })).not.toHaveProperty('simulated AI provider');
  expect(list({ GOOGLE_API_KEY: 'g' })['resource proxy']).not.toHaveProperty('SIMULATED_UPSTREAM_URL');
});

it.each([
  ['authorization server', authorizationServer.variables],
  ['resource proxy', resourceProxy.variables],
] satisfies [string, Record<string, Variable<unknown>>][])(
  'passes on every setting of the %s that the launcher does not decide, as a value or as a file',
  (name, declared) => {
    const open = Object.entries<Variable<unknown>>(declared).filter(([setting]) => !decidedSettings.includes(setting));
    expect(open.map(([setting]) => setting)).toEqual(expect.arrayContaining(['PRICES_FILE', 'LOG_LEVEL']));
    for (const [setting, { secret, form }] of open) {
      // the launcher itself reads a few of these settings, one of them as a URL
      const value = form.includes('URL') ? 'https://as.operator.says' : 'as-the-operator-says';
      for (const given of secret ? [setting, `${setting}_FILE`] : [setting])
        expect(list({ [given]: value })[name]).toMatchObject({ [given]: value });
    }
  },
);

it('the launcher decides all addresses and paths, and ignores those in its environment', () => {
  const before = list({});
  const foreign = Object.fromEntries(
    decidedSettings
      .filter((setting) => !['DATABASE_URL', 'MAX_HEAP_MB'].includes(setting))
      .flatMap((setting) => [
        [setting, 'foreign'],
        [`${setting}_FILE`, 'foreign'],
      ]),
  );
  expect(list(foreign)).toEqual(before);
});

it('passes on variables of the machine such as its time zone, and no unknown variables', () => {
  const servers = list({ TZ: 'Asia/Tokyo', HOME: '/root', AWS_SECRET_ACCESS_KEY: 'canary' });
  for (const environment of Object.values(servers)) expect(environment).toMatchObject({ TZ: 'Asia/Tokyo' });
  expect(JSON.stringify(servers)).not.toMatch(/HOME|canary/);
});

it('the memory limits of all programs fit into their container', () => {
  const heaps = (variables: Record<string, string>, gigabytes: number) =>
    listHeaps(variables, gigabytes * 2 ** 30).filter((megabytes) => megabytes !== undefined);
  expect(heaps({}, 0)).toEqual([]);
  expect(heaps({}, 2 ** 33)).toEqual([]); // cgroup v1, without a limit
  expect(heaps({}, 4)).toEqual([938, 1621]);
  expect(heaps({ MAX_HEAP_MB: '300' }, 4)).toEqual([300, 300]);
  for (const gigabytes of [0.5, 1, 2, 8, 64])
    expect(heaps({}, gigabytes).reduce((sum, megabytes) => sum + megabytes, 0)).toBeLessThan(gigabytes * 1024);
});

it('e-mails are written into the data directory unless there is a mail server; only the authorization server gets its URL', () => {
  expect(list({})['authorization server']).toMatchObject({ MAIL_OUTBOX: '/data/outbox' });
  const variables = { SMTP_URL: 'smtps://user:canary@mail.example.com', MAIL_FROM: 'a@b.example' };
  const { 'authorization server': server, ...others } = list(variables);
  expect(server).toMatchObject(variables);
  expect(server).not.toHaveProperty('MAIL_OUTBOX');
  expect(JSON.stringify(others)).not.toContain('canary');
});
