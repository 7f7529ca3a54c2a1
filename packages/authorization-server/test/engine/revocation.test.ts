import type { GrantRevocation } from '@aipassport/store/authorization';
import { expect } from '@jest/globals';
import { currentContext } from '../../src/oidc/engine/current-context.js';
import { describeRevocation } from '../../src/oidc/engine/describe-revocation.js';
import { endsWithGrant } from '../../src/oidc/engine/ends-with-grant.js';
import type { BareProvider } from '../support/bare-provider.js';
import { adapt, canary, start, storeSigned } from './canary.js';

/** The calls of the adapters while oidc-provider ends a grant. */
interface Calls {
  /** `destroy` of the grant. */
  readonly revocations: GrantRevocation[];
  /** The grants of the codes and tokens that were destroyed. */
  readonly destroyed: unknown[];
  /** The grants for which `revokeByGrantId` was called. */
  readonly revoked: string[];
}

function watch({ Grant, AccessToken, AuthorizationCode, RefreshToken }: BareProvider['provider'], calls: Calls): void {
  adapt(Grant, (own) => ({
    destroy: async (id) => {
      calls.revocations.push(describeRevocation(currentContext(), id));
      await own.destroy(id);
    },
  }));
  for (const model of [AccessToken, AuthorizationCode, RefreshToken]) {
    expect(endsWithGrant(model.name)).toBe(true);
    adapt(model, (own) => ({
      destroy: async (id) => {
        calls.destroyed.push((await own.find(id))?.grantId);
        await own.destroy(id);
      },
      revokeByGrantId: async (grantId) => {
        calls.revoked.push(grantId);
        await own.revokeByGrantId(grantId);
      },
    }));
  }
}

/** Ends a grant in each of the ways in which oidc-provider does. */
const endings: readonly ((
  bare: BareProvider,
  secrets: {
    readonly page: Awaited<ReturnType<BareProvider['authorize']>>;
    readonly used: string;
    readonly jti: string;
  },
) => Promise<Record<string, unknown>>)[] = [
  async (bare, { page }) => bare.redeem(page),
  async (bare, { used }) => bare.post('/token', { grant_type: 'refresh_token', refresh_token: used }),
  async (bare, { used }) => bare.postRevocation(used),
  async (bare, { jti }) => bare.postRevocation(jti),
];

/** @returns the calls of each ending, and its answer. Before the ending, the code and a refresh token are used once */
async function endGrants() {
  return Promise.all(
    endings.map(async (end) => {
      const issued: string[] = [];
      const calls: Calls = { revocations: [], destroyed: [], revoked: [] };
      const bare = await start({
        configuration: { revokeGrantPolicy: () => true, rotateRefreshToken: true, formats: storeSigned(issued) },
        prepare: (provider) => watch(provider, calls),
      });
      const page = await bare.authorize(bare.newBrowser());
      const used = String((await bare.redeem(page))['refresh_token']);
      await bare.post('/token', { grant_type: 'refresh_token', refresh_token: used });
      await bare.post('/token/introspection', { token: issued[0] ?? '' });
      expect(calls).toEqual({ revocations: [], destroyed: [], revoked: [] });
      const answer = await end(bare, { page, used, jti: issued[0] ?? '' });
      return { ...calls, answer };
    }),
  );
}

canary(
  'a grant is destroyed while Provider.ctx is the request that ended it, and an error follows at the token endpoint',
  async () => {
    const ended = await endGrants();
    expect(
      ended.map(({ revocations }) => revocations.map(({ reason, revokedBy }) => `${reason} ${revokedBy}`)),
    ).toEqual([['code_replay app'], ['refresh_token_reuse app'], ['client app'], ['client app']]);
    expect(ended.map(({ answer }) => answer['error'])).toEqual([
      'invalid_grant',
      'invalid_grant',
      undefined,
      undefined,
    ]);
  },
);

canary('destroy of a code or token is called only when its grant is destroyed too', async () => {
  const ended = await endGrants();
  expect(ended.map(({ destroyed }) => destroyed.length)).toEqual([0, 1, 1, 1]);
  for (const { destroyed, revocations } of ended)
    for (const grantId of destroyed) expect(grantId).toBe(revocations[0]?.grantId);
});

canary('revokeByGrantId is called only when the grant is destroyed too', async () => {
  for (const { revoked, revocations } of await endGrants())
    expect(new Set(revoked)).toEqual(new Set(revocations.map(({ grantId }) => grantId)));
});
