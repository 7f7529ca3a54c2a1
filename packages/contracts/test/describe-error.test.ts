import { expect, it } from '@jest/globals';
import { describeError } from '../src/index.js';

it('describes an error without the properties that libraries add to it', () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', address: '10.0.0.7' });
  const error = Object.assign(new TypeError('failed', { cause }), {
    client: { password: 'secret' },
    detail: 'Key (a)',
  });
  const text = JSON.stringify(describeError(error));
  expect(JSON.parse(text)).toMatchObject({
    type: 'TypeError',
    message: 'failed',
    stack: expect.stringContaining('describe-error.test'),
    cause: { type: 'Error', message: 'refused', code: 'ECONNREFUSED' },
  });
  for (const hidden of ['secret', 'Key (a)', '10.0.0.7']) expect(text).not.toContain(hidden);
});

it('describes every part of an aggregate error, and only the type of a thrown value that is not an error', () => {
  expect(describeError(new AggregateError([new Error('one')]))).toMatchObject({ errors: [{ message: 'one' }] });
  expect(describeError('a secret')).toEqual({ type: 'string' });
});
