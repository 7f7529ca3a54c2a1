import type { Context } from '../../context.js';
import { readOidc } from './read-oidc.js';

/** The logout that oidc-provider has just begun or finished. */
export interface Logout {
  /** SECRET: the value that the confirmation form must send as `xsrf`. */
  readonly secret: string;
  /**
   * The client that asks for the logout. The request names it with an ID token or a `client_id`. Undefined when the
   * request names no client.
   */
  readonly clientId: string | undefined;
  /** A URL that this client registered. Undefined when the request names no URL or no client. */
  readonly postLogoutRedirectUri: string | undefined;
  /** Whether the owner is signed out now. */
  readonly isSessionDestroyed: boolean;
}

/**
 * Reads what our logout pages show.
 *
 * Assumption: when the logout page is shown, session.state holds the form's secret, the clientId and the
 * postLogoutRedirectUri.
 * Assumption: a browser without a session gets a logout page with status 200, and session.state holds the secret.
 * Assumption: session.destroyed is true when a logout has destroyed the session.
 */
export function readLogout(ctx: Context): Logout {
  const { state = {}, destroyed } = (readOidc(ctx).session ?? {}) as SessionInsides;
  const { secret, clientId, postLogoutRedirectUri } = state;
  return {
    secret: String(secret),
    clientId: typeof clientId === 'string' ? clientId : undefined,
    postLogoutRedirectUri: typeof postLogoutRedirectUri === 'string' ? postLogoutRedirectUri : undefined,
    isSessionDestroyed: destroyed === true,
  };
}

interface SessionInsides {
  readonly state?: Readonly<Record<string, unknown>>;
  readonly destroyed?: boolean;
}
