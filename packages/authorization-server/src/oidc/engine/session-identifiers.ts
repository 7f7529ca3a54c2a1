import { createHmac } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import type { RequestState, SessionIdentifiers } from '../../context.js';

/**
 * Derives the identifiers of oidc-provider's session from the owner's session. `jti` and `uid` cannot be computed from
 * each other without the owner's cookie.
 * @param ownerSessionId SECRET
 */
export function deriveSessionIdentifiers(ownerSessionId: string): SessionIdentifiers {
  const derive = (name: string) => createHmac('sha256', ownerSessionId).update(name).digest('base64url');
  return { jti: derive('oidc-provider session'), uid: derive('oidc-provider session uid') };
}

/**
 * Keeps the identifiers of oidc-provider's session while several tabs of a browser use it.
 *
 * oidc-provider finishes an interaction only in the session in which the interaction began. Without this function,
 * oidc-provider gives the session a new cookie at each consent and deletes the previous cookie, so the requests of
 * another tab would fail. After a sign-in, each of two tabs would begin its own session. With this function, a session
 * keeps its cookie. `align-session.ts` chooses the identifiers of a new session, so two simultaneous requests begin the
 * same session.
 *
 * Three rules prevent session fixation. Each sign-in begins a new session of the owner (`owner-session.ts`). A
 * session of oidc-provider without an account is never continued. A session of oidc-provider with an account counts
 * only while the owner's session is of the same account.
 *
 * Assumption: the session of each request is made by Session.get, and its jti is the value of its cookie.
 * Assumption: the cookie of a session changes after an interaction only by Session.prototype.resetIdentifier.
 */
export function keepSessionIdentifiers({ Session }: Provider): void {
  const get = Session.get.bind(Session);
  Session.get = async (ctx) => {
    const { newSession } = ctx.state as RequestState;
    return Object.assign(await get(ctx), newSession);
  };
  Session.prototype.resetIdentifier = () => undefined;
}
