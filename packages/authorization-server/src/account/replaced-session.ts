import { createHmac } from 'node:crypto';
import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import { cookieAttributes, cookieNames } from '../cookie-names.js';
import { isEqual } from '../text/is-equal.js';

type Configured = Pick<Configuration, 'issuer' | 'cookieKeys'>;

/** Enough for a second press of a button while the answer to the first is on its way. */
const keptMilliseconds = 60_000;

/** The browser's session before a sign-in, and after it. */
interface Replacement {
  /** Empty when the browser had no session. */
  readonly previous: string;
  readonly current: string;
}

/**
 * Sets a cookie that says which session a sign-in has replaced. The browser deletes it after a minute. The page that the
 * browser still shows has form tokens of the replaced session, and with the cookie they are valid for the new one too:
 * see `requireFormToken`. The replaced session has ended, so the cookie alone does not sign anyone in. It is read only
 * together with the new session.
 */
export function keepReplacedSession(configuration: Configured, ctx: Context, replacement: Replacement): void {
  const [key] = configuration.cookieKeys;
  const value = `${replacement.previous}.${sign(key, replacement)}`;
  const { replacedSession } = cookieNames(configuration);
  ctx.cookies.set(replacedSession, value, { ...cookieAttributes, maxAge: keptMilliseconds });
}

/** @returns the session that `current` has replaced; undefined when there is no cookie about it, or no genuine one */
export function findReplacedSession(configuration: Configured, ctx: Context, current: string): string | undefined {
  const value = ctx.cookies.get(cookieNames(configuration).replacedSession);
  const [, previous, given] = /^([\w-]*)\.([\w-]{43})$/.exec(value ?? '') ?? [];
  if (previous === undefined || given === undefined) return undefined;
  const isGenuine = configuration.cookieKeys.some((key) => isEqual(sign(key, { previous, current }), given));
  return isGenuine ? previous : undefined;
}

function sign(key: string, { previous, current }: Replacement): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['replaced session', previous, current]))
    .digest('base64url');
}
