import { expect, it } from '@jest/globals';
import {
  baseUrl,
  databaseUrl,
  defineEnvironment,
  flag,
  listOf,
  optional,
  port,
  required,
  secret,
  withDefault,
} from '../src/index.js';

const definition = defineEnvironment({
  PORT: withDefault(port, '4000', { description: 'where to listen' }),
  DATABASE_URL: required(databaseUrl, { description: 'the database' }),
  API_KEY: optional(secret, { description: 'a key' }),
  OPEN: withDefault(flag, 'false', { description: 'open or not' }),
  NAMES: withDefault(listOf(['a', 'b']), '', { description: 'names' }),
  ISSUER: withDefault(baseUrl(), 'http://localhost:4000', { description: 'issuer' }),
});
const files: Record<string, string> = { '/run/secrets/key': 'from-a-file\n' };
const read = (variables: Record<string, string>) =>
  definition.read({ variables, readFile: (path) => files[path] ?? '' });

it('reads values, fills in defaults, and reads a secret from its file', () => {
  const environment = read({ DATABASE_URL: 'postgres://u:p@h/d', API_KEY_FILE: '/run/secrets/key', NAMES: 'a, b' });
  expect(environment).toEqual({
    PORT: 4000,
    DATABASE_URL: 'postgres://u:p@h/d',
    API_KEY: 'from-a-file',
    OPEN: false,
    NAMES: ['a', 'b'],
    ISSUER: 'http://localhost:4000',
  });
});

it('treats an empty value as a missing one', () => {
  expect(read({ DATABASE_URL: 'postgres://h/d', API_KEY: '' }).API_KEY).toBeUndefined();
});

it('names every problem at once, and does not repeat any value', () => {
  expect(() => read({ PORT: '99999secret', OPEN: 'yes' })).toThrow(
    /PORT: must be a port number; DATABASE_URL: is missing; .* or DATABASE_URL_FILE its file; OPEN: must be `true` or `false`/,
  );
  expect(() => read({ PORT: '99999secret' })).not.toThrow(/secret\b.*99999|99999secret/);
});

it('refuses a secret that is given twice', () => {
  expect(() => read({ DATABASE_URL: 'postgres://h/d', API_KEY: 'x', API_KEY_FILE: '/run/secrets/key' })).toThrow(
    /API_KEY: give either API_KEY or API_KEY_FILE, not both/,
  );
});

it.each(['http://example.com', 'https://user@example.com', 'https://example.com/?a=b', 'ftp://localhost', 'nonsense'])(
  'refuses %s as a public base URL',
  (value) => {
    expect(() => read({ DATABASE_URL: 'postgres://h/d', ISSUER: value })).toThrow(/ISSUER: must be an https URL/);
  },
);

it.each([
  ['https://example.com/', 'https://example.com'],
  ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
  ['http://[::1]:4000', 'http://[::1]:4000'],
])('reads %s as %s', (value, expected) => {
  expect(read({ DATABASE_URL: 'postgres://h/d', ISSUER: value }).ISSUER).toBe(expected);
});
