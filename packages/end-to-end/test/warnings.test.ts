import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type KeyFiles, locateKeyFiles, makeKeyFiles } from '@aipassport/launcher';
import { upstreamVariables } from '@aipassport/policy';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ServerKind, startAlone } from './harness/alone.js';
import { waitUntil } from './harness/wait-until.js';

let directory: string;
let keyFiles: KeyFiles;
const children: ChildProcess[] = [];

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-warnings-'));
  keyFiles = locateKeyFiles(directory);
  await makeKeyFiles(keyFiles, new Date());
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

interface Warning {
  readonly event: string;
  readonly variables: readonly string[];
  readonly message: string;
}

/** Starts a server with these settings. @returns the variables that it warned of, and everything that it logged */
async function startWith(kind: ServerKind, environment: Record<string, string>) {
  const { child, output } = await startAlone(kind, { keyFiles, environment });
  children.push(child);
  // this event is logged after the warnings
  await waitUntil(() => output().includes('"event":"database_awaited"'), 'the server waits for its database', 40_000);
  const lines = output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Warning);
  const warnings = lines.filter(({ event }) => event === 'configuration_doubtful');
  for (const { variables, message } of warnings) for (const name of variables) expect(message).toContain(name);
  return { names: warnings.map(({ variables }) => variables), output: output() };
}

const https = { ISSUER: 'https://ai.example', RESOURCE_PROXY_URL: 'https://proxy.example' };
const token = 'canary-of-the-registration-token-0123456789';

it.each([
  ['a misspelt name', { TRUSTED_PROXY_HOP: 'canary' }, ['TRUSTED_PROXY_HOP']],
  ['an https issuer without a trusted reverse proxy', https, ['TRUSTED_PROXY_HOPS', 'ISSUER']],
  ['a trusted reverse proxy in front of an http issuer', { TRUSTED_PROXY_HOPS: '1' }, ['TRUSTED_PROXY_HOPS', 'ISSUER']],
  ['one public and one local address', { RESOURCE_PROXY_URL: 'https://p.example' }, ['ISSUER', 'RESOURCE_PROXY_URL']],
  [
    'a registration token although no registration needs one',
    { CLIENT_REGISTRATION: 'off', REGISTRATION_TOKEN: token },
    ['REGISTRATION_TOKEN', 'CLIENT_REGISTRATION'],
  ],
  [
    'OPERATOR_KEYS_FOR without ALLOW_OPERATOR_KEYS',
    { OPERATOR_KEYS_FOR: 'openai' },
    ['OPERATOR_KEYS_FOR', 'ALLOW_OPERATOR_KEYS'],
  ],
  [
    'ALLOW_OPERATOR_KEYS without OPERATOR_KEYS_FOR',
    { ALLOW_OPERATOR_KEYS: 'true' },
    ['ALLOW_OPERATOR_KEYS', 'OPERATOR_KEYS_FOR'],
  ],
  ['a provider key that it must not have', { OPENAI_API_KEY: 'sk-canary' }, ['OPENAI_API_KEY']],
  ['certificates that are not checked', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, ['NODE_TLS_REJECT_UNAUTHORIZED']],
] satisfies [string, Record<string, string>, string[]][])(
  'at its start, the authorization server warns of %s, and shows no value',
  async (_what, environment, expected) => {
    const { names, output } = await startWith('authorization-server', environment);
    expect(names).toEqual([expected]);
    expect(output).not.toContain('canary');
  },
);

it('the authorization server warns of a provider key for an AI provider that the operator added, and does not show the key', async () => {
  const file = path.join(directory, 'prices.json');
  const entry = { name: 'acme', label: 'Acme', base_url: 'https://acme.example', dialect: 'openai' };
  writeFileSync(file, JSON.stringify({ upstreams: [{ ...entry, operations: ['chat/completions'] }] }));
  const { names, output } = await startWith('authorization-server', { PRICES_FILE: file, ACME_API_KEY: 'canary' });
  expect(names).toEqual([['ACME_API_KEY']]);
  expect(output).not.toContain('canary');
});

it.each([
  ['a misspelt name', { OPENAI_API_KEYS: 'sk-canary' }, ['OPENAI_API_KEYS']],
  [
    'provider keys without ALLOW_OPERATOR_KEYS',
    { OPENAI_API_KEY: 'sk-canary' },
    ['OPENAI_API_KEY', 'ALLOW_OPERATOR_KEYS'],
  ],
  [
    'ALLOW_OPERATOR_KEYS without any key',
    { ALLOW_OPERATOR_KEYS: 'true' },
    ['ALLOW_OPERATOR_KEYS', ...Object.keys(upstreamVariables.keys)],
  ],
  [
    'operator’s keys without caps at a public address',
    { ...https, ALLOW_OPERATOR_KEYS: 'true', OPENAI_API_KEY: 'sk-canary', TRUSTED_PROXY_HOPS: '1' },
    ['OPERATOR_KEYS_MAX_COST_USD_PER_MONTH', 'OPERATOR_KEYS_MAX_COST_USD_PER_MONTH_PER_ACCOUNT'],
  ],
  ['an HTTP proxy that it does not use', { https_proxy: 'http://canary' }, ['https_proxy']],
] satisfies [string, Record<string, string>, string[]][])(
  'at its start, the resource proxy warns of %s, and shows no value',
  async (_what, environment, expected) => {
    const { names, output } = await startWith('resource-proxy', environment);
    expect(names).toEqual([expected]);
    expect(output).not.toContain('canary');
  },
);

it.each(['authorization-server', 'resource-proxy'] satisfies ServerKind[])(
  'the %s gives no warning about a correct configuration',
  async (kind) => {
    expect((await startWith(kind, { ...https, TRUSTED_PROXY_HOPS: '1' })).names).toEqual([]);
  },
);
