import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { RequestState } from '../context.js';

/** Short, because a token may be stolen without notice. */
export const accessTokenLifetimeSeconds = 600;
/** RFC 6749 section 4.1.2 allows ten minutes; a redirect takes seconds. */
const codeLifetimeSeconds = 60;
/** Time to open the page, to sign in and to read the consent page. RFC 8628 has no upper limit. */
export const deviceCodeLifetimeSeconds = 600;
/** How long a terminal waits between two polls (RFC 8628 section 3.2). */
export const pollingIntervalSeconds = 5;
/** Time to find a password and to read the consent page. */
const interactionLifetimeSeconds = 3_600;
/**
 * The lifetime of everything that is stored before a sign-in. It is just long enough to make an account. Expired rows
 * are removed every ten minutes, at the earliest a minute after they expire, so such a row is removed within 30
 * minutes.
 */
const anonymousLifetimeSeconds = 18 * 60;
/** oidc-provider's session has no effect without our own session, which may end much earlier. */
const sessionLifetimeSeconds = 7 * 24 * 3_600;

/** No token outlives its grant. A refresh token ends with the grant, even if it was rotated many times. */
export function createLifetimes(now: () => Date): NonNullable<Configuration['ttl']> {
  const untilGrantEnds = (ctx: KoaContextWithOIDC) => {
    const end = ctx.oidc.entities.Grant?.exp ?? 0;
    return Math.max(1, end - Math.floor(now().getTime() / 1000));
  };
  const untilSubjectEnds = (ctx: KoaContextWithOIDC) => {
    const { accessTokenEndsAt: end } = ctx.state as RequestState;
    return end === undefined ? Infinity : Math.max(1, end - Math.floor(now().getTime() / 1000));
  };
  return {
    AccessToken: (ctx) => Math.min(accessTokenLifetimeSeconds, untilGrantEnds(ctx), untilSubjectEnds(ctx)),
    ClientCredentials: accessTokenLifetimeSeconds,
    RefreshToken: (ctx) => untilGrantEnds(ctx),
    AuthorizationCode: codeLifetimeSeconds,
    DeviceCode: deviceCodeLifetimeSeconds,
    IdToken: accessTokenLifetimeSeconds,
    Interaction: (_ctx, { session }) =>
      session?.accountId === undefined ? anonymousLifetimeSeconds : interactionLifetimeSeconds,
    Session: (_ctx, { accountId }) => (accountId === undefined ? anonymousLifetimeSeconds : sessionLifetimeSeconds),
  };
}
