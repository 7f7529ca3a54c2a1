import { accountLimitName } from '@aipassport/contracts';
import { findLimitOfMember } from '@aipassport/policy';
import { formatUserCode, parseUserCode, userCodeField } from '../device/user-codes.js';
import { findEndpoint, findPathValue, formatPath, paths } from '../endpoints.js';

/** The page that owners see after signing in, unless they were on the way to another page. */
export const homePath = paths.account;

/**
 * The page to show after signing in. Only pages of this server are allowed. Otherwise the author of a link could send
 * people who have just typed their password to another site.
 */
export function readReturnTo(value: string): string {
  if (isDevicePath(value) || isRecoveryCodesPath(value) || isPageWithQuery(value)) return value;
  const [limitsPage = '', limit] = value.split(`?${limitField}=`);
  if (limit !== undefined)
    return findPathValue(paths.grantLimits, limitsPage) !== undefined && isLimitName(limit)
      ? `${readReturnTo(limitsPage)}?${limitField}=${limit}`
      : homePath;
  const endpoint = findEndpoint(value);
  if (endpoint?.isReturnTarget !== true) return homePath;
  const segment = findPathValue(endpoint.path, value);
  return segment === undefined || identifier.test(segment) ? value : homePath;
}

/** The longest path of a page to return to, with its query. */
const maxLength = 1_000;

/**
 * The path of a page, with the parts of its query that are kept while its reader signs in. If that would be too long,
 * the path of the page without its query.
 */
export function pageWithQuery(page: string, read: (name: string) => string): string {
  const names = findEndpoint(page)?.keptQuery ?? [];
  const query = new URLSearchParams(names.map((name) => [name, read(name)]).filter(([, value]) => value !== ''));
  const address = query.size === 0 ? page : `${page}?${query}`;
  return address.length > maxLength ? page : address;
}

function isPageWithQuery(value: string): boolean {
  const [page = '', ...queries] = value.split('?');
  const query = new URLSearchParams(queries.join('?'));
  return (
    queries.length > 0 && readReturnTo(page) === page && pageWithQuery(page, (name) => query.get(name) ?? '') === value
  );
}

/** An identifier in a path. The identifier of a grant has one more part for each grant above it. */
const identifier = /^[\w-]{10,100}(\.[\w-]{10,30}){0,4}$/;

/**
 * The page to which a path belongs: the path itself, or for the URL of a form, such as `/account/settings/limit`,
 * the page with that form.
 */
export function findPage(path: string): string {
  if (path === '') return homePath;
  return readReturnTo(path) === path ? path : findPage(path.slice(0, path.lastIndexOf('/')));
}

function isLimitName(name: string): boolean {
  return name === accountLimitName || findLimitOfMember(name) !== undefined;
}

/** The name of the query parameter, and of the form's field, that names the one limit that the page shows. */
export const limitField = 'limit';

/**
 * The page that changes the limits of a grant.
 * @param limit the only limit to show, by its name in `authorization_details` or `accountLimitName`; empty: all limits
 * are shown
 */
export function grantLimitsPath(grantId: string, limit = ''): string {
  const path = formatPath(paths.grantLimits, grantId);
  return limit === '' ? path : `${path}?${new URLSearchParams({ [limitField]: limit })}`;
}

/** The page on which owners type the code that a terminal shows. If a user code is given, it is filled in. */
export function devicePath(userCode: string | undefined): string {
  if (userCode === undefined) return paths.device;
  return `${paths.device}?${new URLSearchParams({ [userCodeField]: formatUserCode(userCode) })}`;
}

function isDevicePath(value: string): boolean {
  const [, userCode] = value.split(`?${userCodeField}=`);
  return userCode !== undefined && devicePath(parseUserCode(userCode)) === value;
}

function isRecoveryCodesPath(value: string): boolean {
  const [page, query] = value.split('?');
  const next = new URLSearchParams(query).get('return_to');
  return page === paths.recoveryCodes && next !== null && recoveryCodesPath(readReturnTo(next)) === value;
}

/** The identifier of the interaction that the owner returns to; undefined when they return to another page. */
export function findInteractionUid(returnTo: string): string | undefined {
  return findPathValue(paths.interaction, returnTo);
}

interface KeysPage {
  /** The AI provider for which the page is to add a provider key. */
  readonly upstream?: string;
  /** The path of the app's request from which the owner comes. The page leads back to it. */
  readonly returnTo?: string;
}

/** The page on which owners add provider keys. */
export function keysPath({ upstream, returnTo }: KeysPage = {}): string {
  const query = new URLSearchParams({
    ...(upstream === undefined ? {} : { upstream }),
    ...(returnTo === undefined ? {} : { return_to: returnTo }),
  });
  return query.size === 0 ? paths.keys : `${paths.keys}?${query}`;
}

/** The path of the request that the owner goes back to; undefined for any other value. */
export function readRequestPath(value: string): string | undefined {
  const path = readReturnTo(value);
  const isRequest = [paths.interaction, paths.deviceRequest].some((page) => findPathValue(page, path) !== undefined);
  return isRequest ? path : undefined;
}

/**
 * Why an owner who is signed in is sent to the sign-in page. `again`: to confirm who they are. `other`: to sign in with
 * another account.
 */
export type SignInReason = 'again' | 'other';

/** The query parameter, and the field of the form, for a reason. */
export function describeReason(reason: SignInReason | undefined): Readonly<Record<string, string>> {
  return reason === undefined ? {} : { [reason]: 'true' };
}

export function readReason(read: (name: string) => string): SignInReason | undefined {
  return (['again', 'other'] as const).find((reason) => read(reason) === 'true');
}

export function signInPath(returnTo: string, reason?: SignInReason): string {
  return `${paths.signIn}?${new URLSearchParams({ return_to: returnTo, ...describeReason(reason) })}`;
}

export function createAccountPath(returnTo: string): string {
  return `${paths.createAccount}?${new URLSearchParams({ return_to: returnTo })}`;
}

/** The page of the recovery codes, with a button that leads to `returnTo`. */
export function recoveryCodesPath(returnTo: string): string {
  return `${paths.recoveryCodes}?${new URLSearchParams({ return_to: returnTo })}`;
}

/** The page that asks for a code after the password (the second factor). */
export function secondFactorPath(returnTo: string): string {
  return `${paths.secondFactor}?${new URLSearchParams({ return_to: returnTo })}`;
}
