import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  environment as authorizationServer,
  outsideHeapMegabytes as outsideAuthorizationServer,
} from '@aipassport/authorization-server/environment';
import { decideHeapMegabytes, type Variable } from '@aipassport/contracts';
import { parsePriceOverrides } from '@aipassport/policy';
import {
  outsideHeapMegabytes as outsideResourceProxy,
  environment as resourceProxy,
} from '@aipassport/resource-proxy/environment';
import { transitVariables } from '@aipassport/resource-proxy/operating';
import { expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { locateDatabaseFiles } from '../src/keys/make-database-secrets.js';
import { readAllServices, readServices, root, type Service } from './compose-files.js';

const services = readServices('docker-compose.yml');

/** Settings that the image sets, or that are the same for every deployment. */
const fixed = ['NODE_ENV', 'HOST', 'PROXY_CLIENT_ID'];

it.each([
  ['authorization-server', authorizationServer.variables],
  ['resource-proxy', resourceProxy.variables],
] satisfies [string, Record<string, Variable<unknown>>][])('passes every setting of the %s to it', (name, declared) => {
  const given = Object.keys(services[name]?.environment ?? {});
  const missing = Object.keys(declared).filter(
    (setting) => !fixed.includes(setting) && !given.includes(setting) && !given.includes(`${setting}_FILE`),
  );
  expect(missing).toEqual([]);
});

it('gives both servers the same file of models and prices, and an empty one if the operator has none', () => {
  const mounts = ['authorization-server', 'resource-proxy'].map((name) => {
    const { environment = {}, volumes = [] } = services[name] ?? {};
    return volumes.find((volume) => volume.endsWith(`:${environment['PRICES_FILE']}:ro`));
  });
  expect(mounts[0]).toBe(mounts[1]);
  const [, file = ''] = /^\$\{PRICES_FILE:-([^}]+)\}/.exec(mounts[0] ?? '') ?? [];
  const parsed = parsePriceOverrides(readFileSync(fileURLToPath(new URL(file, root)), 'utf8'));
  expect(parsed).toMatchObject({ ok: true, overrides: { models: [], discounts: [] } });
});

it('the directory of the journal is mounted for each server and for the operator’s commands, at the same path as on the host', () => {
  const all = readAllServices(); // with the second server of each kind
  const servers = ['authorization-server', 'authorization-server-2', 'resource-proxy', 'resource-proxy-2'];
  for (const name of [...servers, 'operator']) {
    const [mount = '', ...others] = (all[name]?.volumes ?? []).filter((volume) => volume.includes('JOURNAL_DIRECTORY'));
    expect([name, others]).toEqual([name, []]);
    const [, source = '', target = ''] =
      /^\$\{JOURNAL_DIRECTORY:-(\.\/[\w/-]+)\}:\$\{JOURNAL_DIRECTORY:-(\/[\w-]+)\}$/.exec(mount) ?? [];
    expect([name, target]).toEqual([name, '/no-journal']);
    expect(existsSync(fileURLToPath(new URL(source, root)))).toBe(true);
    if (name !== 'operator') expect(all[name]?.environment).toHaveProperty('JOURNAL_DIRECTORY', null);
  }
});

it('the operator’s commands know the URL of the authorization server, for the links that they print', () => {
  expect(services['operator']?.environment?.['ISSUER']).toBe(services['authorization-server']?.environment?.['ISSUER']);
});

const megabytes = (text: string) => Number.parseInt(text, 10) * (text.endsWith('g') ? 1024 : 1);

it('sets a memory limit for every service; the limits of the servers leave room for a heap', () => {
  for (const [name, { mem_limit: limit }] of Object.entries(services))
    expect([name, limit]).toEqual([name, expect.stringMatching(/^\d+[mg]$/)]);
  const rooms = [
    ['authorization-server', outsideAuthorizationServer],
    ['resource-proxy', outsideResourceProxy],
  ] as const;
  for (const [name, outsideMegabytes] of rooms) {
    const limit = megabytes(services[name]?.mem_limit ?? '');
    const heap = decideHeapMegabytes({ memoryBytes: limit * 2 ** 20, outsideMegabytes, chosenMegabytes: undefined });
    // the heap gets exactly the memory that is not used outside of it
    expect([name, heap]).toEqual([name, limit - outsideMegabytes]);
    expect(heap).toBeGreaterThanOrEqual(512);
  }
});

it('limits the size of the logs of every service', () => {
  for (const [name, { logging }] of Object.entries(services))
    expect([name, logging]).toEqual([name, { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } }]);
});

/** The named volumes of a service, without the files that the compose file mounts. */
const listVolumes = ({ volumes = [] }: Service) =>
  volumes.map((volume) => volume.split(':')[0] ?? '').filter((name) => /^[a-z-]+$/.test(name));

it('gives each service only its own database password, and the superuser’s password to no server', () => {
  const long = Object.entries(services).filter(([, { restart }]) => restart !== undefined);
  expect(Object.fromEntries(long.map(([name, service]) => [name, listVolumes(service)]))).toEqual({
    postgres: ['database', 'database-secrets'],
    'authorization-server': ['authorization-server-secrets', 'audit-secrets'],
    'resource-proxy': ['resource-proxy-secrets'],
    'simulated-upstream': [],
  });
  const urls = Object.entries(services).map(([name, { environment }]) => [name, environment?.['DATABASE_URL_FILE']]);
  expect(Object.fromEntries(urls.filter(([, file]) => file !== undefined))).toEqual({
    roles: '/secrets/database/superuser-url',
    init: '/secrets/owner/database-url',
    'authorization-server': '/secrets/authorization-server/database-url',
    'resource-proxy': '/secrets/resource-proxy/database-url',
    'rotate-sealing-key': '/secrets/owner/database-url',
    'rotate-signing-key': '/secrets/owner/database-url',
    'rotate-cookie-key': '/secrets/owner/database-url',
    'rotate-audit-key': '/secrets/owner/database-url',
    'rotate-proxy-secret': '/secrets/owner/database-url',
    operator: '/secrets/owner/database-url',
  });
  // `keys init` makes the secrets where the services look for them
  const { superuserUrl, urls: files } = locateDatabaseFiles('/secrets');
  expect(new Set(urls.map(([, file]) => file).filter(Boolean))).toEqual(
    new Set([superuserUrl, ...Object.values(files)]),
  );
});

it('only the servers and the jobs are in the network of the database, which leads nowhere else', () => {
  const { networks } = load(readFileSync(new URL('docker-compose.yml', root), 'utf8')) as {
    readonly networks: Readonly<Record<string, unknown>>;
  };
  expect(networks).toEqual({ database: { internal: true } });
  const listNetworks = ({ networks: named = ['default'], network_mode: mode }: Service): readonly string[] =>
    mode === undefined ? (named as readonly string[]) : [mode]; // this file names no aliases
  const inDatabase = Object.entries(services).filter(([, service]) => listNetworks(service).includes('database'));
  const usesDatabase = ({ environment, command = [] }: Service) =>
    environment?.['DATABASE_URL_FILE'] !== undefined || command.includes('rotate-database-passwords');
  expect(inDatabase.map(([name]) => name).filter((name) => name !== 'postgres')).toEqual(
    Object.keys(services).filter((name) => usesDatabase(services[name] ?? {})),
  );
  const alsoOutside = inDatabase.filter(([, service]) => listNetworks(service).includes('default'));
  expect(alsoOutside.map(([name]) => name)).toEqual(['authorization-server', 'resource-proxy']);
});

it('the rotation of a sealing key in a transit engine has the settings of the engine, and reaches it', () => {
  const rotation = readServices('deploy/compose/transit.yml')['rotate-sealing-key'];
  expect(Object.keys(rotation?.environment ?? {})).toEqual(Object.keys(transitVariables));
  expect(rotation?.networks).toEqual(['default', 'database']);
});

it('the image has each directory on which secrets are mounted, so that new volumes do not belong to root', () => {
  const dockerfile = readFileSync(new URL('Dockerfile', root), 'utf8');
  const mounted = Object.entries(services).flatMap(([name, { volumes = [] }]) =>
    name === 'postgres' ? [] : volumes.flatMap((volume) => /:(\/secrets\/[a-z-]+)/.exec(volume)?.[1] ?? []),
  );
  expect(new Set(mounted).size).toBe(5);
  for (const directory of mounted) expect(dockerfile).toMatch(new RegExp(`mkdir -p -m 0700 .*${directory}( |$)`, 'm'));
});
