import { expect, it } from '@jest/globals';
import { databaseUrl, isUnverified, parseDatabaseUrl } from '../src/index.js';

// The ids at the beginning of titles are rows of docs/security.md.
it('Q4: reads one or several hosts, each with its own port, and keeps the parameters of the driver', () => {
  const one = 'postgres://operator:s%40cret@db.example:5433/passport?connect_timeout=3';
  expect(parseDatabaseUrl(one)).toMatchObject({ urls: [one], sslMode: undefined, needsReadWrite: false });
  expect(
    parseDatabaseUrl('postgresql://operator:s@one:5432,[::1]:5433,three/passport?sslmode=require&application_name=x'),
  ).toMatchObject({
    urls: [
      'postgresql://operator:s@one:5432/passport?application_name=x',
      'postgresql://operator:s@[::1]:5433/passport?application_name=x',
      'postgresql://operator:s@three/passport?application_name=x',
    ],
    sslMode: 'require',
    needsReadWrite: true,
  });
  const socket = 'postgres:///passport?host=/run/postgresql';
  expect(parseDatabaseUrl(socket).urls).toEqual([socket]);
});

it('Q4: `target_session_attrs` decides whether a read-only host is accepted', () => {
  const needsReadWrite = (query: string) => parseDatabaseUrl(`postgres://x@one,two/db${query}`).needsReadWrite;
  expect(['', '?target_session_attrs=any', '?target_session_attrs=primary'].map(needsReadWrite)).toEqual([
    true,
    false,
    true,
  ]);
  expect(parseDatabaseUrl('postgres://x@one/db?target_session_attrs=read-write').needsReadWrite).toBe(true);
});

it('Q5: recognises an encrypted connection whose server is not verified', () => {
  const modes = ['disable', 'allow', 'prefer', 'require', 'no-verify', 'verify-full'];
  const unverified = modes.filter((mode) => isUnverified(parseDatabaseUrl(`postgres://x@one/db?sslmode=${mode}`)));
  expect(unverified).toEqual(['allow', 'prefer', 'require', 'no-verify']);
  expect(isUnverified(parseDatabaseUrl('postgres://x@one/db?sslmode=require&sslrootcert=/ca.crt'))).toBe(false);
});

it('Q5: a URL with `sslrootcert` is verified fully', () => {
  expect(parseDatabaseUrl('postgres://x@one/db?sslrootcert=/ca.crt')).toMatchObject({
    sslMode: 'verify-full',
    sslRootCertificate: '/ca.crt',
  });
});

it.each([
  ['mysql://x@one/db', 'must be a `postgres://` URL'],
  ['postgres://x@one:port/db', 'must be a `postgres://` URL'],
  ['postgres://x:s3cret@one,,two/db', 'has a host without a name'],
  ['postgres:///db?host=one,two&password=s3cret', 'must name several hosts before the path'],
  ['postgres://x:s3cret@one/db?sslmode=maybe', 'has an `sslmode` that is none of'],
  ['postgres://x:s3cret@one/db?sslmode=verify-ca', 'needs `sslrootcert`'],
  ['postgres://x:s3cret@one/db?target_session_attrs=standby', 'has a `target_session_attrs` that is none of'],
])('Q5: refuses %s, and repeats no part of it', (url, problem) => {
  expect(() => databaseUrl.parse(url)).toThrow(problem);
  expect(() => databaseUrl.parse(url)).not.toThrow('s3cret');
});
