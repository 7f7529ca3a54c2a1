import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { RequestState } from '../context.js';

/** This lifetime is short, because a token may be stolen without anyone noticing. */
export const accessTokenLifetimeSeconds = 600;
/** RFC 6749 section 4.1.2 allows ten minutes. One minute is enough, because a redirect takes seconds. */
const codeLifetimeSeconds = 60;
/** This is long enough to open the page, to sign in and to read the consent page. RFC 8628 has no upper limit. */
export const deviceCodeLifetimeSeconds = 600;
/** How long a terminal waits between two polls (RFC 8628 section 3.2). */
export const pollingIntervalSeconds = 5;
/** This is long enough for an owner to look up the password and to read the consent page. */
const interactionLifetimeSeconds = 3_600;
/**
 * The lifetime of interactions and sessions that are stored before a sign-in. It is just long enough to make an
 * account. Expired rows are removed every ten minutes, at the earliest a minute after they expire, so each of these
 * rows is removed within 30 minutes of being stored.
 */
const anonymousLifetimeSeconds = 18 * 60;
/** oidc-provider's session has no effect without our own session, which may end much earlier. */
const sessionLifetimeSeconds = 7 * 24 * 3_600;

/**
 * An access token expires with its grant at the latest, and by `accessTokenEndsAt` of the request if it is set. A
 * refresh token expires with its grant, even after many rotations.
 */
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
    ClientCredentials: (_ctx, { resourceServer }) => resourceServer?.accessTokenTTL ?? accessTokenLifetimeSeconds,
    RefreshToken: (ctx) => untilGrantEnds(ctx),
    AuthorizationCode: codeLifetimeSeconds,
    DeviceCode: deviceCodeLifetimeSeconds,
    IdToken: accessTokenLifetimeSeconds,
    Interaction: (_ctx, { session }) =>
      session?.accountId === undefined ? anonymousLifetimeSeconds : interactionLifetimeSeconds,
    Session: (_ctx, { accountId }) => (accountId === undefined ? anonymousLifetimeSeconds : sessionLifetimeSeconds),
  };
}
