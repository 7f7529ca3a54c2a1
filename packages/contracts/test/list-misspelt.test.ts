import { expect, it } from '@jest/globals';
import { listEnvironmentWarnings, listMisspelt } from '../src/index.js';

const find = (...names: string[]) =>
  listMisspelt(Object.fromEntries(names.map((name) => [name, 'canary']))).map(({ variables, text }) => [
    ...variables,
    text,
  ]);

it.each([
  ['TRUSTED_PROXY_HOP', 'TRUSTED_PROXY_HOPS'],
  ['DEFAULT_MAX_COSTS_USD', 'DEFAULT_MAX_COST_USD'],
  ['OPENAI_APIKEY', 'OPENAI_API_KEY'],
  ['openai_api_key', 'OPENAI_API_KEY'],
  ['OPENAI-API-KEY', 'OPENAI_API_KEY'],
  ['PROXY_CLIENT_SECRET_FILES', 'PROXY_CLIENT_SECRET_FILE'],
  ['ISSUERS', 'ISSUER'],
  ['LOGLEVEL', 'LOG_LEVEL'],
])('recognises %s as a misspelt %s', (name, meant) => {
  expect(find(name)).toEqual([[name, `${name} is set, but AIPassport has no such setting: did you mean ${meant}?`]]);
});

it.each(['DEFAULT_MAX_COST', 'AIPASSPORT_DIR', 'OPERATOR_KEYS_OF_OURS', 'SEALING_PRIVATE_KEY', 'TRUSTED_PROXY_NAMES'])(
  'recognises %s as an unknown setting of this project',
  (name) => {
    expect(find(name)).toEqual([
      [name, expect.stringMatching(`^${name} is set, but AIPassport has no such setting: `)],
    ]);
  },
);

it('names the setting to use instead of a variable with `_FILE` that is not read', () => {
  expect(find('ISSUER_FILE')).toEqual([
    ['ISSUER_FILE', 'ISSUER_FILE is not read: only secrets can be given as a file. Set ISSUER itself.'],
  ]);
});

it('does not report settings that are known, empty, or of other programs', () => {
  const known = ['ISSUER', 'OPENAI_API_KEY', 'OPENAI_API_KEY_FILE', 'SIGNING_KEYS_FILE', 'DATABASE_URL_FILE', 'PORT'];
  const foreign = [
    'PATH',
    'HOME',
    'HOSTNAME',
    'POST',
    'TZ',
    'PGHOST',
    'POSTGRES_PASSWORD',
    'DATABASE_HOST',
    'npm_config_cache',
  ];
  const vendors = ['OPENAI_ORG_ID', 'ANTHROPIC_MODEL', 'GOOGLE_API_USE_CLIENT_CERTIFICATE', 'AZURE_OPENAI_API_KEY'];
  const services = [
    'RESOURCE_PROXY_SERVICE_HOST',
    'RESOURCE_PROXY_PORT_4100_TCP_ADDR',
    'AUTHORIZATION_SERVER_SERVICE_PORT',
  ];
  expect(find(...known, ...foreign, ...vendors, ...services)).toEqual([]);
  expect(listMisspelt({ ISSUERS: '', LOGLEVEL: undefined })).toEqual([]);
});

it('warns that proxies are not used, and that certificates are not checked', () => {
  expect(
    listEnvironmentWarnings({ https_proxy: 'http://canary', ALL_PROXY: 'x', NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
  ).toEqual([
    { variables: ['ALL_PROXY', 'https_proxy'].sort().reverse(), text: expect.stringContaining('go out directly') },
    { variables: ['NODE_TLS_REJECT_UNAUTHORIZED'], text: expect.not.stringContaining('canary') },
  ]);
  expect(listEnvironmentWarnings({ NODE_TLS_REJECT_UNAUTHORIZED: '1', NO_PROXY: 'x' })).toEqual([]);
});
