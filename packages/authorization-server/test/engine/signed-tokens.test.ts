import { expect } from '@jest/globals';
import { type BareProvider, resource } from '../support/bare-provider.js';
import { canary, start, storeSigned } from './canary.js';

/** Issues a signed access token and stores its row. @returns its `jti` */
async function issueStored(): Promise<{ readonly bare: BareProvider; readonly jti: string }> {
  const issued: string[] = [];
  const bare = await start({ configuration: { formats: storeSigned(issued) } });
  await bare.redeem(await bare.authorize(bare.newBrowser()));
  return { bare, jti: issued[0] ?? '' };
}

canary(
  'introspection and revocation find a signed access token whose row is stored, if they are given its jti',
  async () => {
    const { bare, jti } = await issueStored();
    expect(await bare.post('/token/introspection', { token: jti })).toMatchObject({ active: true, scope: 'model:a' });
    await bare.postRevocation(jti);
    expect(bare.destroyed).toEqual(expect.arrayContaining([`AccessToken:${jti}`]));
  },
);

canary('an introspection that was asked for a jti leaves jti out of its answer', async () => {
  const { bare, jti } = await issueStored();
  const answer = await bare.post('/token/introspection', { token: jti });
  expect([answer['active'], answer['aud'], Object.hasOwn(answer, 'jti')]).toEqual([true, resource, false]);
});
