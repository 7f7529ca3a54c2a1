import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import { cookieNames } from '../cookie-names.js';

type Deps = { readonly configuration: Pick<Configuration, 'issuer'> };

/** This time is enough to read the page and choose a password. The invitation itself may last longer. */
const openedMilliseconds = 3_600 * 1_000;
/** This time is enough to load the next page. */
const shownMilliseconds = 60 * 1_000;

/**
 * How long cookies keep invitation codes (SECRET). A code is kept in a cookie, so that after the first request no
 * address, Referer header or browser history contains it.
 */
const kinds = {
  /** The code of the invitation link that this browser opened. It is used to make an account. */
  invitation: openedMilliseconds,
  /** The code of the invitation that this browser has just made. It is shown once. */
  newInvitation: shownMilliseconds,
} as const;
type Kind = keyof typeof kinds;

export function keepInvitationCode({ configuration }: Deps, ctx: Context, kind: Kind, code: string): void {
  const name = cookieNames(configuration)[kind];
  ctx.cookies.set(name, code, { httpOnly: true, sameSite: 'lax', path: '/', signed: false, maxAge: kinds[kind] });
}

/** @returns SECRET; undefined when the cookie is missing or does not contain an invitation code */
export function findInvitationCode({ configuration }: Deps, ctx: Context, kind: Kind): string | undefined {
  const code = ctx.cookies.get(cookieNames(configuration)[kind]);
  return code !== undefined && isInvitationCode(code) ? code : undefined;
}

export function forgetInvitationCode({ configuration }: Deps, ctx: Context, kind: Kind): void {
  ctx.cookies.set(cookieNames(configuration)[kind], null, {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    signed: false,
  });
}

export function isInvitationCode(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}
