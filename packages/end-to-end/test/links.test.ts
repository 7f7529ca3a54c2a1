import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { furnishAccount, startFurnishedDeployment } from './harness/furnished-account.js';
import type { Owner } from './harness/owner.js';
import type { Page } from './harness/page.js';
import { RecordingUpstream } from './harness/recording-upstream.js';
import { pageTemplates } from './harness/specified-pages.js';

let stop: () => Promise<void>;
let owner: Owner;
/** Every page that a signed-in owner reaches by links from the overview. */
let visited: ReadonlyMap<string, Page>;

beforeAll(async () => {
  const upstream = await RecordingUpstream.start();
  const furnished = await startFurnishedDeployment(upstream.url);
  stop = async () => {
    await furnished.stop();
    await upstream.stop();
  };
  ({ owner } = await furnishAccount(furnished));
  visited = await followLinks('/account');
}, 120_000);
afterAll(() => stop());

/**
 * People come to these pages from an app, a terminal, an e-mail or a form, or while they are signed out. This server
 * offers no passkeys and no other ways to sign in, so it does not link to their pages. This owner is an operator, and
 * invites on the operator's page instead of `/account/invitations`.
 */
const notLinked = [
  '/',
  '/account/create',
  '/account/email/confirm',
  '/account/identities',
  '/account/invitations',
  '/account/passkeys',
  '/account/reset',
  '/account/sign-in',
  '/account/sign-in/code',
  '/authorize',
  '/authorize/{uid}',
  '/device',
  '/device/{code}',
  '/interaction/{uid}',
  '/logout',
  '/logout/success',
  '/operator/claim',
  '/account/continue',
];

function isOf(template: string, path: string): boolean {
  return new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
}

/** Follows every link of this server, each path once. */
async function followLinks(start: string): Promise<ReadonlyMap<string, Page>> {
  const pages = new Map<string, Page>();
  const waiting = [start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (pages.has(path)) continue;
    const { page } = await owner.open(path);
    pages.set(path, page);
    waiting.push(...listLinks(page).filter((one) => !pages.has(one)));
  }
  return pages;
}

/** The paths of this server to which a page links, without queries: they only filter a list. */
function listLinks({ url, document }: Page): readonly string[] {
  return document
    .querySelectorAll('a[href]')
    .map((link) => new URL(link.getAttribute('href') ?? '', url))
    .filter(({ origin }) => origin === url.origin)
    .map(({ pathname, search }) => (pathname === '/operator/change' ? pathname + search : pathname));
}

it('every page of an account is reached by links from the overview', () => {
  const paths = [...visited.keys()].map((path) => path.replace(/\?.*/, ''));
  const missing = pageTemplates.filter((template) => !paths.some((path) => isOf(template, path)));
  expect(missing.filter((template) => !notLinked.includes(template))).toEqual([]);
});

it('every link leads to a page that exists', () => {
  const broken = [...visited].filter(([, page]) => page.status !== 200).map(([path, page]) => [path, page.status]);
  expect(broken).toEqual([]);
});

it('a signed-in owner finds the way back to the account on every page', async () => {
  const { page: unknown } = await owner.open('/nothing');
  const pages = [...visited.values(), unknown].filter((page) => page.headers.get('content-type')?.includes('html'));
  const deadEnds = pages.filter((page) => !listLinks(page).some((path) => path.startsWith('/account')));
  expect(deadEnds.map(({ url }) => url.pathname)).toEqual([]);
});
