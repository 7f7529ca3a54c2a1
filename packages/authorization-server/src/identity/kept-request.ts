import { createHmac } from 'node:crypto';
import { readSessionId } from '../account/owner-session.js';
import type { SignInReason } from '../account/return-to.js';
import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import { cookieAttributes, cookieNames } from '../cookie-names.js';
import { isEqual } from '../text/is-equal.js';

type Deps = {
  readonly configuration: Pick<Configuration, 'issuer' | 'cookieKeys'>;
  readonly now: () => Date;
};

/** What this server must remember until the browser comes back from the identity provider. */
export interface KeptRequest {
  readonly provider: string;
  readonly state: string;
  readonly nonce: string;
  /** SECRET (RFC 7636). */
  readonly codeVerifier: string;
  readonly returnTo: string;
  /**
   * `connect`: the identity is added to the account that is signed in. `again`: the owner must
   * sign in once more, for an act that requires a recent sign-in. `other`: the owner wants to use another account.
   */
  readonly purpose: 'sign_in' | 'connect' | SignInReason;
  /** The browser's time zone, for an account whose time zone is not known yet. */
  readonly timeZone?: string | undefined;
}

/** This time is enough to sign in at the provider, with a second factor. */
const lifetimeMilliseconds = 15 * 60_000;

/**
 * Keeps the request in a cookie, so that any replica can finish it and nothing is stored for visitors who never come
 * back. The signature binds the request to the owner's session. Otherwise, an attacker who can set cookies in the
 * browser could have the attacker's own identity connected to the owner's account.
 */
export function keepRequest(deps: Deps, ctx: Context, request: KeptRequest): void {
  const { configuration, now } = deps;
  const kept = { ...request, until: now().getTime() + lifetimeMilliseconds };
  const content = Buffer.from(JSON.stringify(kept)).toString('base64url');
  const [key] = configuration.cookieKeys;
  const value = `${content}.${sign(key, content, boundTo(deps, ctx))}`;
  ctx.cookies.set(cookieNames(configuration).identity, value, { ...cookieAttributes, maxAge: lifetimeMilliseconds });
}

/**
 * Reads the request and forgets it. @returns undefined when there is no request, or the request is not genuine or too
 * old
 */
export function takeRequest(deps: Deps, ctx: Context): KeptRequest | undefined {
  const { configuration, now } = deps;
  const name = cookieNames(configuration).identity;
  const value = ctx.cookies.get(name);
  if (value === undefined) return undefined;
  ctx.cookies.set(name, null, cookieAttributes);
  const [content = '', signature = ''] = value.split('.');
  const bound = boundTo(deps, ctx);
  if (!configuration.cookieKeys.some((key) => isEqual(sign(key, content, bound), signature))) return undefined;
  // only this server can have signed this content, so its shape is known
  const kept = JSON.parse(Buffer.from(content, 'base64url').toString()) as KeptRequest & { readonly until: number };
  return kept.until > now().getTime() ? kept : undefined;
}

function boundTo({ configuration }: Deps, ctx: Context): string {
  return readSessionId(configuration, ctx) ?? '';
}

function sign(key: string, content: string, sessionId: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['identity', content, sessionId]))
    .digest('base64url');
}
