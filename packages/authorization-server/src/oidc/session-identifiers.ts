import { createHmac } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import type { RequestState, SessionIdentifiers } from '../context.js';

/**
 * Names oidc-provider's session after the owner's session that it stands beside, and so that neither tells the other.
 * @param ownerSessionId SECRET
 */
export function deriveSessionIdentifiers(ownerSessionId: string): SessionIdentifiers {
  const derive = (name: string) => createHmac('sha256', ownerSessionId).update(name).digest('base64url');
  return { jti: derive('oidc-provider session'), uid: derive('oidc-provider session uid') };
}

/**
 * Keeps oidc-provider's session under one name while several tabs of a browser use it.
 *
 * oidc-provider finishes an interaction only in the session that it was begun in, and by itself gives that session
 * another cookie at each consent, and deletes the one before: whatever another tab had just sent would name a session
 * that is gone. Two tabs whose owner signs in would begin a session each. Here a session keeps its cookie, and one that
 * begins is named by `align-session.ts`, so two requests at once begin the same.
 *
 * Against session fixation: who signs in gets a new owner's session (`owner-session.ts`), no session of nobody is ever
 * continued, and one of somebody counts only beside their own owner's session.
 */
export function keepSessionIdentifiers({ Session }: Provider): void {
  const get = Session.get.bind(Session);
  Session.get = async (ctx) => {
    const { newSession } = ctx.state as RequestState;
    return Object.assign(await get(ctx), newSession);
  };
  Session.prototype.resetIdentifier = () => undefined;
}
