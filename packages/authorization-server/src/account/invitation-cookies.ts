import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import { cookieNames } from '../cookie-names.js';

type Deps = { readonly configuration: Pick<Configuration, 'issuer'> };

/** To read the page, choose a password and come back from an app; the invitation itself may last longer. */
const heldMilliseconds = 3_600 * 1_000;
/** To the next page. */
const shownMilliseconds = 60 * 1_000;

/** SECRET codes of invitations, in cookies: so they are in no address, no Referer and no history after the first request. */
const kinds = {
  /** The one that this browser was sent, and makes an account with. */
  invitation: heldMilliseconds,
  /** The one that this browser has just made, and shows once. */
  newInvitation: shownMilliseconds,
} as const;
type Kind = keyof typeof kinds;

export function keepInvitationCode({ configuration }: Deps, ctx: Context, kind: Kind, code: string): void {
  const name = cookieNames(configuration)[kind];
  ctx.cookies.set(name, code, { httpOnly: true, sameSite: 'lax', path: '/', signed: false, maxAge: kinds[kind] });
}

/** @returns SECRET; undefined when there is none, or what is there is no code */
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
