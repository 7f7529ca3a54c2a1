import { createHmac } from 'node:crypto';
import { makeSecret } from '@aipassport/store';
import { readSessionId } from '../account/owner-session.js';
import { findReplacedSession } from '../account/replaced-session.js';
import type { Configuration } from '../configuration.js';
import type { Context } from '../context.js';
import { cookieAttributes, cookieNames } from '../cookie-names.js';
import { Denied } from '../denials/denial.js';
import { type Form, fieldText } from '../read-form.js';
import { isEqual } from '../text/is-equal.js';

type Deps = { readonly configuration: Pick<Configuration, 'issuer' | 'cookieKeys'> };

/**
 * A token for forms of one purpose, against CSRF and login CSRF. It is bound to the browser by a random cookie, to the
 * owner's session, and to the purpose. A token for another purpose or another person is therefore refused.
 */
export function issueFormToken({ configuration }: Deps, ctx: Context, purpose: string): string {
  const names = cookieNames(configuration);
  let browser = ctx.state.newFormCookie ?? ctx.cookies.get(names.form);
  if (browser === undefined || !/^[\w-]{43}$/.test(browser)) {
    browser = makeSecret();
    ctx.state.newFormCookie = browser;
    ctx.cookies.set(names.form, browser, cookieAttributes);
  }
  const [key] = configuration.cookieKeys;
  return sign(key, [browser, readSessionId(configuration, ctx) ?? '', purpose]);
}

/**
 * @throws Denied unless this server made the form's token for this browser, this owner's session (or the one that it
 * has just replaced), and this purpose
 */
export function requireFormToken({ configuration }: Deps, ctx: Context, form: Form, purpose: string): void {
  requireSameOrigin(ctx, configuration.issuer);
  const names = cookieNames(configuration);
  const browser = ctx.cookies.get(names.form);
  const given = fieldText(form, 'csrf_token');
  const session = ctx.cookies.get(names.owner) ?? '';
  const sessions = [session, findReplacedSession(configuration, ctx, session)].filter((one) => one !== undefined);
  const genuine = configuration.cookieKeys.some((key) =>
    sessions.some((one) => isEqual(sign(key, [browser ?? '', one, purpose]), given)),
  );
  if (browser === undefined || !genuine) throw forbidden();
}

/**
 * Refuses a form that another site sent. Browsers say in `Sec-Fetch-Site` and `Origin` where a form was sent from. With
 * `Referrer-Policy: no-referrer` the Origin of our own forms is `null`, so the Origin is compared only if it has
 * another value.
 * @throws Denied
 */
export function requireSameOrigin(ctx: Context, issuer: string): void {
  const site = ctx.get('Sec-Fetch-Site');
  const origin = ctx.get('Origin');
  if (site !== '' && site !== 'same-origin') throw forbidden();
  if (origin !== '' && origin !== 'null' && origin !== issuer) throw forbidden();
}

function forbidden(): Denied {
  return new Denied({ reason: 'form_outdated' });
}

function sign(key: string, bound: readonly string[]): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['form', ...bound]))
    .digest('base64url');
}
