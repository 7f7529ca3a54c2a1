import { createHmac, randomBytes } from 'node:crypto';
import { normalizeEmail } from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import { cookieAttributes, cookieNames } from '../cookie-names.js';
import { isEqual } from '../text/is-equal.js';

type Deps = { readonly configuration: Pick<Configuration, 'issuer' | 'cookieKeys'> };

const lifetimeMilliseconds = 365 * 24 * 3_600 * 1_000;

/**
 * Remembers that this browser has signed in to this account. The cookie does not sign anyone in. It gives this browser
 * its own count of guesses at passwords and codes, and a sign-in with it causes no notice of a new device. A browser
 * remembers only the account that signed in last.
 */
export function rememberDevice({ configuration }: Deps, ctx: Context, email: string): void {
  const [key] = configuration.cookieKeys;
  // Guesses are counted by this name. With a new name at each sign-in, someone who knows the password would get a new
  // count each time.
  const device = findKnownDevice({ configuration }, ctx, email) ?? randomBytes(16).toString('base64url');
  ctx.cookies.set(cookieNames(configuration).device, `${device}.${sign(key, device, email)}`, {
    ...cookieAttributes,
    maxAge: lifetimeMilliseconds,
  });
}

/** @returns the device's random name; undefined when this browser does not remember this account */
export function findKnownDevice({ configuration }: Deps, ctx: Context, email: string): string | undefined {
  const [device = '', signature = ''] = (ctx.cookies.get(cookieNames(configuration).device) ?? '').split('.');
  const genuine = configuration.cookieKeys.some((key) => isEqual(sign(key, device, email), signature));
  return genuine ? device : undefined;
}

function sign(key: string, device: string, email: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['device', device, normalizeEmail(email)]))
    .digest('base64url');
}
