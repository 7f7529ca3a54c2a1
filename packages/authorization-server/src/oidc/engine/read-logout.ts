import type { Context } from '../../context.js';
import { readOidc } from './read-oidc.js';

/** The logout that oidc-provider has just begun or finished. */
export interface Logout {
  /** SECRET: the value that the confirmation form must send as `xsrf`. */
  readonly secret: string;
  /** Undefined when the client named no address, or one that it has not registered. */
  readonly postLogoutRedirectUri: string | undefined;
  /** Whether the owner is signed out now. */
  readonly isSessionDestroyed: boolean;
}

/**
 * Reads what our logout pages show.
 *
 * Assumption: before the logout page, session.state holds the form's secret and the postLogoutRedirectUri.
 * Assumption: a browser without a session gets a logout page with status 200, and session.state holds the secret.
 * Assumption: a session that a logout has destroyed has the member destroyed.
 */
export function readLogout(ctx: Context): Logout {
  const { state = {}, destroyed } = (readOidc(ctx).session ?? {}) as SessionInsides;
  const { secret, postLogoutRedirectUri } = state;
  return {
    secret: String(secret),
    postLogoutRedirectUri: typeof postLogoutRedirectUri === 'string' ? postLogoutRedirectUri : undefined,
    isSessionDestroyed: destroyed === true,
  };
}

interface SessionInsides {
  readonly state?: Readonly<Record<string, unknown>>;
  readonly destroyed?: boolean;
}
