import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import { cookieAttributes, cookieNames } from '../cookie-names.js';
import { isAccountToken } from './account-token-format.js';
import { isRecoveryCodes } from './recovery-code-format.js';
import { readReturnTo } from './return-to.js';

type Deps = { readonly configuration: Pick<Configuration, 'issuer'> };

/** This time is enough to read a page and choose a password. The link itself may last longer. */
const openLinkMilliseconds = 3_600 * 1_000;
/** The time for a sign-in. */
export const keptFormMilliseconds = 900 * 1_000;
/** This time is enough to load the next page. */
const shownMilliseconds = 60 * 1_000;

const isLinkCode = (text: string) => /^[\w-]{43}$/.test(text);
const isResetOfAccount = (text: string) => /^[\w-]{36}\.[\w-]{43}$/.test(text);
const isClientSecret = (text: string) => /^[\w-]{22}\.[\w-]{43}$/.test(text);

/**
 * How long cookies keep secrets between two pages, and what the secrets look like. A secret is kept in a cookie, so
 * that after the first request no URL, Referer header or browser history contains it.
 */
const kinds = {
  /** The code of the invitation link that this browser opened. It is used to make an account. */
  invitation: { milliseconds: openLinkMilliseconds, isWellFormed: isLinkCode },
  /** The code of the invitation that this browser has just made. It is shown once. */
  newInvitation: { milliseconds: shownMilliseconds, isWellFormed: isLinkCode },
  /** The token of the link that sets a new password. */
  passwordReset: { milliseconds: openLinkMilliseconds, isWellFormed: isLinkCode },
  /** No secret: the page to which the browser goes back after it has set a new password with a link. */
  resetReturn: { milliseconds: openLinkMilliseconds, isWellFormed: (text: string) => readReturnTo(text) === text },
  /** The token of the link that confirms an e-mail address. */
  confirmationLink: { milliseconds: openLinkMilliseconds, isWellFormed: isLinkCode },
  /** The identifier of an account, a dot, and the token of the link that an operator has just made for its owner. */
  newResetLink: { milliseconds: shownMilliseconds, isWellFormed: isResetOfAccount },
  /** The code of the link that makes an account an operator. */
  operatorLink: { milliseconds: openLinkMilliseconds, isWellFormed: isLinkCode },
  /** The recovery codes that this browser has just made. They are shown once. */
  newRecoveryCodes: { milliseconds: shownMilliseconds, isWellFormed: isRecoveryCodes },
  /** The identifier of a client, a dot, and its new secret. The secret is shown once. */
  newClientSecret: { milliseconds: shownMilliseconds, isWellFormed: isClientSecret },
  /** The API token that this browser has just made. It is shown once. */
  newAccountToken: { milliseconds: shownMilliseconds, isWellFormed: isAccountToken },
  /** Names the form that waits while this browser signs in again. */
  keptForm: { milliseconds: keptFormMilliseconds, isWellFormed: isLinkCode },
  /** Shows that the password was right, until the code of the authenticator app is given. */
  secondFactor: { milliseconds: openLinkMilliseconds, isWellFormed: isLinkCode },
} as const;
type Kind = keyof typeof kinds;

export function keepSecret({ configuration }: Deps, ctx: Context, kind: Kind, secret: string): void {
  ctx.cookies.set(cookieNames(configuration)[kind], secret, { ...cookieAttributes, maxAge: kinds[kind].milliseconds });
}

/** @returns SECRET; undefined when the cookie is missing or malformed */
export function findSecret({ configuration }: Deps, ctx: Context, kind: Kind): string | undefined {
  const secret = ctx.cookies.get(cookieNames(configuration)[kind]);
  return secret !== undefined && kinds[kind].isWellFormed(secret) ? secret : undefined;
}

export function forgetSecret({ configuration }: Deps, ctx: Context, kind: Kind): void {
  ctx.cookies.set(cookieNames(configuration)[kind], null, cookieAttributes);
}

/** Reads a secret that is shown once, and forgets it. */
export function takeSecret(deps: Deps, ctx: Context, kind: Kind): string | undefined {
  const secret = findSecret(deps, ctx, kind);
  if (secret !== undefined) forgetSecret(deps, ctx, kind);
  return secret;
}

export function isSecretOf(kind: Kind, text: string): boolean {
  return kinds[kind].isWellFormed(text);
}
