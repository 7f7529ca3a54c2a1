import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';

/** Short, because a token may be stolen without notice. */
export const accessTokenLifetimeSeconds = 600;
/** RFC 6749 section 4.1.2 allows ten minutes; a redirect takes seconds. */
const codeLifetimeSeconds = 60;
/** Time to find a password and to read the consent page. */
const interactionLifetimeSeconds = 3_600;
/**
 * For everything that is stored before a sign-in. It is just long enough to make an account. The row is removed within
 * 30 minutes, because expired rows are removed every ten minutes, at the earliest a minute after they expire.
 */
const anonymousLifetimeSeconds = 18 * 60;
/** oidc-provider's session is worth nothing without ours, which may end long before. */
const sessionLifetimeSeconds = 7 * 24 * 3_600;

/** Nothing outlives its grant: a refresh token ends with it however often it was rotated. */
export function createLifetimes(now: () => Date): NonNullable<Configuration['ttl']> {
  const untilGrantEnds = (ctx: KoaContextWithOIDC) => {
    const end = ctx.oidc.entities.Grant?.exp ?? 0;
    return Math.max(1, end - Math.floor(now().getTime() / 1000));
  };
  return {
    AccessToken: (ctx) => Math.min(accessTokenLifetimeSeconds, untilGrantEnds(ctx)),
    RefreshToken: (ctx) => untilGrantEnds(ctx),
    AuthorizationCode: codeLifetimeSeconds,
    IdToken: accessTokenLifetimeSeconds,
    Interaction: (_ctx, { session }) =>
      session?.accountId === undefined ? anonymousLifetimeSeconds : interactionLifetimeSeconds,
    Session: (_ctx, { accountId }) => (accountId === undefined ? anonymousLifetimeSeconds : sessionLifetimeSeconds),
  };
}
