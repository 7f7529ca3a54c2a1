import { loadSpecification } from '@aipassport/contracts';

type Operations = Readonly<
  Record<string, { readonly responses: Readonly<Record<string, { readonly $ref?: string }>> }>
>;
const specified = loadSpecification('authorization-server').document as unknown as {
  readonly paths: Readonly<Record<string, Operations>>;
};

/** The path template of every page that has its own path. */
export const pageTemplates = Object.entries(specified.paths)
  .filter(([, { get }]) => /\/(Page|Document)$/.test(get?.responses['200']?.$ref ?? ''))
  .map(([template]) => template);

/**
 * These paths show a page only in the middle of a flow, or only to people who are not operators yet. The tests in
 * `walks/` check these pages.
 */
const shownElsewhere = [
  '/authorize',
  '/authorize/{uid}',
  '/account/sign-in/code',
  '/operator/claim',
  '/account/continue',
];

/** The pages that a furnished account shows at once. */
export const furnishedTemplates = pageTemplates.filter((one) => !shownElsewhere.includes(one));

/** Pages for visitors. A signed-in owner is redirected to another page. */
const forVisitors = ['/account/create', '/account/sign-in', '/account/forgotten-password', '/account/reset'];

export function needsSignIn(template: string): boolean {
  return !forVisitors.includes(template);
}

export interface ErrorPage {
  /** A path, or the template of a path of the furnished account. */
  readonly address: string;
  readonly status: number;
  readonly isSignedIn: boolean;
  /** What a form sends to the path; undefined: the page is opened. */
  readonly body?: string;
  /** What the test has to bring about before the page appears. */
  readonly cause?: 'too many changes' | 'no database';
}

/**
 * Error pages, and the page that follows a sign-out. They appear at an unknown path, or at the path of another page.
 */
export const errorPages: Readonly<Record<string, ErrorPage>> = {
  'an unknown address': { address: '/nothing', status: 404, isSignedIn: false },
  'a refused request': { address: '/authorize?client_id=nobody', status: 400, isSignedIn: false },
  'a request that has ended': { address: '/interaction/never-was-anything', status: 400, isSignedIn: false },
  'a grant that does not exist': { address: '/account/grants/never-was-anything', status: 404, isSignedIn: true },
  'an invitation that does not work': {
    address: `/account/create?invitation=${'x'.repeat(43)}`,
    status: 403,
    isSignedIn: false,
  },
  'an e-mail link that no longer works': { address: '/account/email/confirm?token=old', status: 200, isSignedIn: true },
  'a sign-out with a link back to an app': { address: '/logout?client_id={client_id}', status: 200, isSignedIn: false },
  'a form of another browser': { address: '/account/settings/language', status: 403, isSignedIn: true, body: 'de' },
  'a request that is too large': {
    address: '/account/sign-in',
    status: 413,
    isSignedIn: false,
    body: 'x'.repeat(150_000),
  },
  'too many changes': {
    address: '/account/settings/language',
    status: 429,
    isSignedIn: true,
    body: 'de',
    cause: 'too many changes',
  },
  'a database that cannot be reached': { address: '/account', status: 503, isSignedIn: true, cause: 'no database' },
};
