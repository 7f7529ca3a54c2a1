import { afterEach, it } from '@jest/globals';
import type { Adapter, Configuration } from 'oidc-provider';
import { type BareProvider, startBareProvider } from '../support/bare-provider.js';

/**
 * Tests one assumption of `oidc/engine/`. The title is the text of the assumption. The test fails when an update of
 * oidc-provider breaks the assumption. `canaries.test.ts` compares the titles with the README.
 */
export function canary(title: string, run: () => Promise<void>): void {
  it(title, run);
}

const started: BareProvider[] = [];

/** Starts oidc-provider without our server. It is closed after the test. */
export async function start(...options: Parameters<typeof startBareProvider>): Promise<BareProvider> {
  const bare = await startBareProvider(...options);
  started.push(bare);
  return bare;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map(async (bare) => bare.close()));
});

/** Replaces methods of an adapter. */
export function adapt({ adapter }: { readonly adapter: Adapter }, replace: (own: Adapter) => Partial<Adapter>): void {
  Object.assign(adapter, replace({ ...adapter }));
}

/** Stores each signed access token, and adds its `jti` to `issued`. */
export function storeSigned(issued: string[]): NonNullable<Configuration['formats']> {
  return {
    customizers: {
      jwt: async (_ctx, token, { payload }) => {
        const { jti, kind, clientId, aud, scope } = token;
        const grantId = 'grantId' in token ? token.grantId : undefined;
        const accountId = 'accountId' in token ? token.accountId : undefined;
        const { iat, exp } = payload as { readonly iat: number; readonly exp: number };
        const row = { jti, kind, clientId, accountId, grantId, aud, scope, iat, exp };
        await token.adapter.upsert(jti, row as never, 600);
        issued.push(jti);
      },
    },
  };
}
