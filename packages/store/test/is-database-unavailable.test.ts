import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { isDatabaseUnavailable } from '../src/index.js';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

it('distinguishes a database that cannot answer from one that refuses a statement', () => {
  const unavailable = [
    ...['08006', '53300', '57P01', '57014', '25006', '40P01', '58030', '28P01', '3D000'].map(withCode),
    // Errors that a correct statement can cause during a migration, after the restore of a backup, or behind a pooler.
    ...['42883', '42P01', '42703', '42501', '26000', '42P05'].map(withCode),
    Object.assign(new Error('cached plan must not change result type'), { code: '0A000' }),
    // Errors of TLS, by Node.js and by the driver.
    ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_HAS_EXPIRED'].map(withCode),
    new Error('The server does not support SSL connections'),
    ...['ECONNREFUSED', 'ETIMEDOUT', 'EPIPE', 'EMFILE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'].map(
      withCode,
    ),
    // Errors of the driver that have only a message.
    ...[
      'Connection terminated unexpectedly',
      'Connection terminated due to connection timeout',
      'timeout expired',
      'timeout exceeded when trying to connect',
      'Query read timeout',
      'Client has encountered a connection error and is not queryable',
      'Client was closed and is not queryable',
      'Cannot use a pool after calling end on the pool',
    ].map((message) => new Error(message)),
    new AggregateError([withCode('ECONNREFUSED')]),
    // This test runs in a vm context, and errors of Node.js come from another realm.
    runInNewContext(`Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })`),
    runInNewContext(`new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })])`),
  ];
  for (const error of unavailable) expect([error, isDatabaseUnavailable(error)]).toEqual([error, true]);
  for (const error of [withCode('23505'), withCode('42601'), withCode('0A000'), new Error('boom'), 'timeout expired'])
    expect([error, isDatabaseUnavailable(error)]).toEqual([error, false]);
});
