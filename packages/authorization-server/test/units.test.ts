import { ConfigurationError, findClientIpAddress } from '@aipassport/contracts';
import { expect, it } from '@jest/globals';
import { networkOf } from '../src/account/guessing-limits.js';
import { findEndpoint, formatPath, paths } from '../src/endpoints.js';
import { readConfiguration } from '../src/index.js';
import { readExpiry } from '../src/limits/read-expiry.js';
import { formActionSource } from '../src/middleware/form-action-source.js';
import { textsIn } from '../src/texts/texts.js';

it('trusts as many forwarded addresses as there are trusted proxies, counted from the end', () => {
  expect(findClientIpAddress('1.1.1.1, 2.2.2.2', '9.9.9.9', 0)).toBe('9.9.9.9');
  expect(findClientIpAddress('1.1.1.1, 2.2.2.2', '9.9.9.9', 1)).toBe('2.2.2.2');
  expect(findClientIpAddress('1.1.1.1, 2.2.2.2', '9.9.9.9', 2)).toBe('1.1.1.1');
  expect(findClientIpAddress('1.1.1.1', '9.9.9.9', 2)).toBe('9.9.9.9');
  expect(findClientIpAddress('', '9.9.9.9', 1)).toBe('9.9.9.9');
});

it('counts an IPv6 network of /64 as one address, and each IPv4 address separately', () => {
  expect(networkOf('203.0.113.7')).toBe('203.0.113.7');
  expect(networkOf('::ffff:203.0.113.7')).toBe('203.0.113.7');
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe(networkOf('2001:db8:1:2:ffff::1'));
  expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0');
  expect(networkOf('::1')).not.toBe(networkOf('2001:db8::1'));
});

it('counts all notations of an address as one, and returns a text that is not an address unchanged', () => {
  for (const notation of ['2001:0DB8:0::1', '2001:db8:0:0:0:0:203.0.113.7', '2001:db8::1%eth0'])
    expect(networkOf(notation)).toBe('2001:db8:0:0');
  expect(networkOf('::FFFF:cb00:7107')).toBe('203.0.113.7');
  expect(networkOf('unknown')).toBe('unknown');
});

it('finds an endpoint only by the exact spelling of its path', () => {
  expect(findEndpoint('/interaction/abc')?.path).toBe('/interaction/:uid');
  expect(findEndpoint('/interaction/abc/consent')?.path).toBe('/interaction/:uid/consent');
  expect(findEndpoint('/authorize/abc')?.path).toBe('/authorize/:uid');
  expect(findEndpoint('/token')?.path).toBe('/token');
  for (const unknown of ['/a-token-in-a-wrong-place', '/Token', '/token/', '/interaction/', '/interaction/a/b', ''])
    expect([unknown, findEndpoint(unknown)]).toEqual([unknown, undefined]);
});

it('inserts a value into the path of an endpoint as one segment', () => {
  expect(formatPath(paths.grantLimits, 'g-1')).toBe('/account/grants/g-1/limits');
  expect(formatPath(paths.grant, '../keys?x=$&')).toBe('/account/grants/..%2Fkeys%3Fx%3D%24%26');
});

it('allows a consent form to redirect to the client’s origin, or only to a scheme if a policy cannot name the origin', () => {
  expect(formActionSource('https://app.example/cb?x')).toBe('https://app.example');
  expect(formActionSource('http://127.0.0.1:80/cb')).toBe('http://127.0.0.1');
  expect(formActionSource('http://[::1]:3000/cb')).toBe('http:');
  expect(formActionSource('com.example.app:/cb')).toBe('com.example.app:');
});

it('reads when a grant ends: after a number of seconds, or at the end of a day, but on the last allowed day at the latest allowed time', () => {
  const now = new Date('2026-11-22T15:00:00Z');
  const read = (expiresIn: string, expiresOn: string, lifetimeSeconds?: number) =>
    readExpiry({ expiresIn, expiresOn }, { lifetimeSeconds, timeZone: 'UTC', now })?.toISOString();
  expect(read('3600', '')).toBe('2026-11-22T16:00:00.000Z');
  expect(read('date', '2026-11-22')).toBe('2026-11-23T00:00:00.000Z');
  expect(read('date', '2026-11-23', 86_400)).toBe('2026-11-23T15:00:00.000Z');
  expect(read('date', '2026-11-24', 86_400)).toBe('2026-11-25T00:00:00.000Z');
  for (const [expiresIn, expiresOn] of [
    ['date', '2026-02-30'],
    ['date', ''],
    ['date', 'tomorrow'],
    ['-1', ''],
    ['1.5', ''],
    ['', ''],
  ] as const)
    expect(read(expiresIn, expiresOn)).toBeUndefined();
});

it('writes a number of seconds in the largest unit without a remainder', () => {
  expect([60, 90, 3_600, 5_400, 86_400, 1_209_600].map(textsIn('en').duration)).toEqual([
    '1 minute',
    '90 seconds',
    '1 hour',
    '90 minutes',
    '1 day',
    '14 days',
  ]);
});

it('says what is wrong with the configuration, and never repeats a secret', () => {
  const variables = {
    DATABASE_URL: 'postgres://user:CANARY@db/x',
    ISSUER: 'https://as.example/path',
    SIGNING_KEYS_FILE: 's',
    COOKIE_KEYS_FILE: 'c',
    SEALING_PUBLIC_KEY_FILE: 'p',
  };
  const files: Record<string, string> = {
    s: '{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","d":"CANARY","kid":"1"}]}',
    c: '["0123456789012345678901234567890123456789"]',
    p: '{"kty":"OKP","crv":"X25519","x":"x","kid":"1"}',
  };
  const read = (changes: Record<string, string> = {}, changedFiles: Record<string, string> = {}) =>
    readConfiguration({
      variables: { ...variables, ISSUER: 'https://as.example', ...changes },
      readFile: (path) => ({ ...files, ...changedFiles })[path] ?? '',
    });
  expect(read()).toMatchObject({
    issuer: 'https://as.example',
    port: 4000,
    clientRegistration: { kind: 'off' },
    redirectSchemes: [],
    upstreamHosts: { openai: 'api.openai.com' },
  });
  const rsa = { kty: 'RSA', n: 'A'.repeat(512), e: 'AQAB', kid: '1' };
  const wrong: readonly (readonly [Record<string, string>, Record<string, string>, RegExp])[] = [
    [{ ISSUER: 'https://as.example/path' }, {}, /ISSUER must have no path/],
    [{ ISSUER: 'http://as.example' }, {}, /ISSUER/],
    [{ JOURNAL_DIRECTORY: '/journal' }, {}, /a journal needs AUDIT_KEYS_FILE/],
    [{ JOURNAL_BUCKET_URL: 'https://s3.example.com/b' }, {}, /needs JOURNAL_BUCKET_ACCESS_KEY_ID/],
    [
      {
        JOURNAL_DIRECTORY: '/journal',
        JOURNAL_BUCKET_URL: 'https://s3.example.com/b',
        JOURNAL_BUCKET_ACCESS_KEY_ID: 'CANARY',
        JOURNAL_BUCKET_SECRET_ACCESS_KEY: 'CANARY',
      },
      {},
      /either JOURNAL_DIRECTORY or JOURNAL_BUCKET_URL/,
    ],
    [{ DATABASE_URL: '' }, {}, /DATABASE_URL/],
    [{ CLIENT_REGISTRATION: 'token', REGISTRATION_TOKEN: 'CANARY' }, {}, /REGISTRATION_TOKEN/],
    [{}, { s: '{"keys":[]}' }, /SIGNING_KEYS_FILE: must hold/],
    [{}, { s: 'CANARY' }, /SIGNING_KEYS_FILE: its file is not JSON/],
    [
      {},
      { s: '{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","d":"d","kid":"1"},{"kty":"RSA"}]}' },
      /SIGNING_KEYS_FILE/,
    ],
    [{}, { c: '["short"]' }, /COOKIE_KEYS_FILE/],
    [{}, { c: '{}' }, /COOKIE_KEYS_FILE/],
    [{}, { p: '{"kty":"OKP","crv":"X25519","x":"x","kid":"1","d":"CANARY"}' }, /private key/],
    [{}, { p: '{"kty":"EC"}' }, /SEALING_PUBLIC_KEY_FILE/],
    [{}, { p: JSON.stringify({ ...rsa, d: 'CANARY' }) }, /private key/],
    [{}, { p: JSON.stringify({ ...rsa, n: rsa.n.slice(0, 340) }) }, /SEALING_PUBLIC_KEY_FILE: must hold/],
    [{}, { p: JSON.stringify({ ...rsa, e: 'Aw' }) }, /SEALING_PUBLIC_KEY_FILE: must hold/],
  ];
  expect(read({}, { p: JSON.stringify(rsa) }).sealingKey).toEqual(rsa);
  for (const [changes, changedFiles, message] of wrong) {
    let thrown: unknown;
    try {
      read(changes, changedFiles);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigurationError);
    expect((thrown as Error).message).toMatch(message);
    expect((thrown as Error).message).not.toContain('CANARY');
  }
});
