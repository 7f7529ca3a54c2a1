import { expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { SigningKeys, SigningKeysUnavailable } from '../src/introspection/signing-keys.js';

const hourMilliseconds = 3_600_000;

// The ids at the beginning of titles are rows of docs/security.md.
it('S8: while the issuer is unavailable, its cached signing keys are used for a day, and then no token is accepted', async () => {
  const { publicKey } = await generateKeyPair('ES256');
  const keySet = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] };
  let now = 0;
  let isReachable = true;
  const keys = new SigningKeys({
    fetchKeySet: () => (isReachable ? Promise.resolve(keySet) : Promise.reject(new Error('unreachable'))),
    now: () => now,
    onFailure: () => undefined,
  });
  const find = () => keys.find({ alg: 'ES256', kid: 'one' }, { payload: '', signature: '' });
  expect(await find()).toBeDefined();
  isReachable = false;
  now = 23 * hourMilliseconds;
  expect(await find()).toBeDefined();
  now = 25 * hourMilliseconds;
  await expect(find()).rejects.toThrow(SigningKeysUnavailable);
  isReachable = true;
  now += 2_000;
  expect(await find()).toBeDefined();
});
