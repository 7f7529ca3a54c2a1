import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { hiddenValue } from '@aipassport/contracts';
import { expect, it } from '@jest/globals';
import { environment } from '../src/environment.js';
import { readConfiguration, Secret } from '../src/index.js';

const jwk = { kty: 'OKP', crv: 'X25519', x: 'canary-public', d: 'canary-private', kid: 'px-1' };
const files: Record<string, string> = {
  '/sealing': JSON.stringify(jwk),
  '/public': JSON.stringify({ ...jwk, d: undefined }),
  '/set': JSON.stringify({ keys: [{ ...jwk, kid: 'px-2' }, jwk] }),
  '/twice': JSON.stringify({ keys: [jwk, jwk] }),
  '/empty': '{"keys":[]}',
  '/broken': '{"d":"canary-private"',
  '/secret': 'canary-secret\n',
};
const variables = {
  DATABASE_URL: 'postgres://user:canary-password@db/x',
  PROXY_CLIENT_SECRET_FILE: '/secret',
  SEALING_PRIVATE_KEY_FILE: '/sealing',
};
const read = (changes: Record<string, string> = {}) =>
  readConfiguration({ variables: { ...variables, ...changes }, readFile: (path) => files[path] ?? '' });

it('reads an operator’s provider keys only if the operator lets them serve every account', () => {
  expect(read({ OPENAI_API_KEY: 'sk-operator' }).operatorKeys).toEqual({});
  const { operatorKeys, upstreamUrls } = read({
    OPENAI_API_KEY: 'sk-operator',
    ALLOW_OPERATOR_KEYS: 'true',
    OPENAI_BASE_URL: 'https://gateway.example:8443/openai/',
  });
  expect(Object.keys(operatorKeys)).toEqual(['openai']);
  expect(operatorKeys.openai?.().reveal()).toBe('sk-operator');
  expect(upstreamUrls.openai).toEqual({
    origin: 'https://gateway.example:8443',
    host: 'gateway.example:8443',
    basePath: '/openai',
  });
  expect(upstreamUrls.google).toEqual({
    origin: 'https://generativelanguage.googleapis.com',
    host: 'generativelanguage.googleapis.com',
    basePath: '',
  });
});

it('reads the caps of the operator’s provider keys in dollars, and refuses other amounts', () => {
  const name = 'OPERATOR_KEYS_MAX_COST_USD_PER_MONTH';
  expect(read().operatorCaps).toEqual({ ofAll: undefined, ofAccount: undefined });
  expect(read({ [name]: '100', [`${name}_PER_ACCOUNT`]: '0.50' }).operatorCaps).toEqual({
    ofAll: 100_000_000_000n,
    ofAccount: 500_000_000n,
  });
  for (const amount of ['0', '-1', '1e3', '$5', '5.0000000001'])
    expect(() => read({ [name]: amount })).toThrow(`configuration: ${name}`);
});

it('reads one sealing key, or the two of a rotation', () => {
  const idsOf = (file: string) => read({ SEALING_PRIVATE_KEY_FILE: file }).sealingKeys.map(({ kid }) => kid);
  expect([idsOf('/sealing'), idsOf('/set')]).toEqual([['px-1'], ['px-2', 'px-1']]);
});

it('names the variable that an operator has to change, and never its value', () => {
  const wrong: Record<string, string>[] = [
    { SEALING_PRIVATE_KEY_FILE: '/public' },
    { SEALING_PRIVATE_KEY_FILE: '/twice' },
    { SEALING_PRIVATE_KEY_FILE: '/empty' },
    { SEALING_PRIVATE_KEY_FILE: '/broken' },
    { SEALING_PRIVATE_KEY_FILE: '/nowhere' },
    { OPENAI_BASE_URL: 'http://canary.example' },
    { ALLOW_OPERATOR_KEYS: 'true', OPENAI_API_KEY: 'canary key\n' },
    { DATABASE_URL: 'canary' },
    { PORT: 'canary' },
    { PROXY_CLIENT_SECRET_FILE: '' },
  ];
  for (const changes of wrong) {
    let message = '';
    try {
      read(changes);
    } catch (error) {
      message = error instanceof Error ? `${error.name}: ${error.message}` : '';
    }
    expect(message).toMatch(/^ConfigurationError: configuration: /);
    expect(message).not.toContain('canary');
  }
});

it.each([{ OPENAI_API_KEY: 'canary key' }, { OPENAI_API_KEY_FILE: '/spaced' }])(
  'names the variable of a provider key with wrong characters: %j',
  (changes) => {
    const [variable] = Object.keys(changes);
    expect(() =>
      readConfiguration({
        variables: { ...variables, ...changes, ALLOW_OPERATOR_KEYS: 'true' },
        readFile: (path) => (path === '/spaced' ? 'canary key' : (files[path] ?? '')),
      }),
    ).toThrow(`configuration: ${variable}: it contains characters that no provider key has`);
  },
);

it('says whether a key file is missing, cannot be read, or is not JSON', () => {
  const readFile = (problem: () => string) => (path: string) => (path === '/key' ? problem() : (files[path] ?? ''));
  const readWith = (problem: () => string) => () =>
    readConfiguration({
      variables: { ...variables, SEALING_PRIVATE_KEY_FILE: '/key' },
      readFile: readFile(problem),
    });
  const fail = (code: string) => () => {
    throw Object.assign(new Error('canary'), { code });
  };
  expect(readWith(fail('ENOENT'))).toThrow('SEALING_PRIVATE_KEY_FILE: its file does not exist');
  expect(readWith(fail('EACCES'))).toThrow('SEALING_PRIVATE_KEY_FILE: its file cannot be read (EACCES)');
  expect(readWith(() => '{"d":"canary')).toThrow('SEALING_PRIVATE_KEY_FILE: its file is not JSON');
});

// The ids at the beginning of titles are rows of docs/security.md.
it('3.3: a secret does not appear when it is converted to text or JSON or inspected; only its accessor returns it', () => {
  const secret = new Secret('canary');
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
  ].join();
  expect(shown).not.toContain('canary');
  expect(secret.reveal()).toBe('canary');
});

it('reads the operator’s file of harmless fields, and names the place of a mistake', () => {
  const readFields = (file: unknown) => {
    const text = typeof file === 'string' ? file : JSON.stringify(file);
    const source = { ...variables, REQUEST_FIELDS_FILE: '/fields' };
    return readConfiguration({
      variables: source,
      readFile: (path) => (path === '/fields' ? text : (files[path] ?? '')),
    }).requestSettings;
  };
  const example = readFileSync(new URL('../../../../docs/examples/request-fields.json', import.meta.url), 'utf8');
  expect(readFields(example).fields.tools).toEqual({ anthropic: ['my_editor'] });
  expect(readFields({})).toEqual(read().requestSettings);
  expect(read({ UNKNOWN_FIELDS: 'refuse' }).requestSettings.unknownFields).toBe('refuse');
  const chat = 'openai.chat/completions';
  for (const [file, message] of [
    ['{', 'the document is not JSON'],
    [[], 'the document must be an object'],
    [{ field: {} }, 'the document has a member that is not known; it may have fields, values, tools'],
    [{ fields: { chat: ['x'] } }, 'fields["chat"] is not an operation; the operations are openai.chat/completions'],
    [{ fields: { [chat]: 'x' } }, `fields["${chat}"] must be a list`],
    [{ fields: { [chat]: ['a b'] } }, `fields["${chat}"] must be a list of plain names`],
    [{ fields: { [chat]: ['n'] } }, `fields["${chat}"]: n has a rule of its own`],
    [{ fields: { [chat]: ['messages.x'] } }, `messages.x is below a member that has no table of its own`],
    [{ values: { [chat]: { service_tier: ['priority'] } } }, 'service_tier: other values cost more than is priced'],
    [{ values: { [chat]: { seed: [1] } } }, 'seed has no list of values'],
    [{ tools: { openrouter: ['x'] } }, 'tools["openrouter"] is not a dialect'],
  ] as const)
    expect(() => readFields(file)).toThrow(message);
  expect(() => readFields('{')).toThrow('configuration: REQUEST_FIELDS_FILE: ');
});

it('describes every setting once, and no secret', () => {
  const { settings } = read({
    OPENAI_API_KEY: 'sk-canary-operator',
    DATABASE_DIRECT_URL: 'postgres://user:canary-password@direct/x',
    UNKNOWN_MODELS: 'price-as:gpt-4o',
  });
  const names = settings.map(({ name }) => name);
  expect(names.toSorted()).toEqual(
    Object.keys(environment.variables)
      .filter((name) => name !== 'NODE_ENV')
      .sort(),
  );
  expect(JSON.stringify(settings)).not.toContain('canary');
  const shown = Object.fromEntries(settings.map(({ name, value }) => [name, value]));
  expect(shown).toMatchObject({
    UNKNOWN_MODELS: 'openai/gpt-4o',
    LEASE_SECONDS: '10',
    OPENAI_API_KEY: hiddenValue,
    GOOGLE_API_KEY: undefined,
    OPENAI_BASE_URL: 'api.openai.com',
  });
});
