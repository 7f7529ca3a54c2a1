import { metadataPaths, paths } from '../oidc/paths.js';

/** Every path that is ours, with the templates below: what is missing here is not served (`serve-known-paths.ts`). */
const exact: ReadonlySet<string> = new Set([
  ...Object.values(paths),
  ...metadataPaths,
  '/',
  '/account',
  '/account/create',
  '/account/sign-in',
  '/account/sign-out',
  '/account/grants',
  '/account/keys',
  '/account/invitations',
  '/account/settings',
  '/account/settings/limit',
  '/account/settings/time-zone',
  '/logout/confirm',
  '/logout/success',
]);
const templates: readonly (readonly [RegExp, string])[] = [
  [/^\/interaction\/[^/]+(\/consent)?$/, '/interaction/:uid$1'],
  [/^\/authorize\/[^/]+$/, '/authorize/:uid'],
  [/^\/account\/grants\/[^/]+(\/limits|\/revoke)?$/, '/account/grants/:grant_id$1'],
  [/^\/account\/keys\/[^/]+\/delete$/, '/account/keys/:upstream/delete'],
  [/^\/account\/invitations\/[^/]+\/withdraw$/, '/account/invitations/:id/withdraw'],
  [/^\/assets\/[^/]+$/, '/assets/:file'],
];

/** What every unknown path is described as. */
const unknown = '(unknown)';

/** Whether anything here answers at this path, letter by letter. */
export function isKnownPath(path: string): boolean {
  return describePath(path) !== unknown;
}

/**
 * The path as it may stand in a log: never the query, which holds state and hints, nor an interaction's identifier,
 * which is half of what its cookie is; and nothing at all of a path that is not ours, for it may hold a token that
 * somebody put into a wrong place.
 */
export function describePath(path: string): string {
  if (exact.has(path)) return path;
  const match = templates.find(([pattern]) => pattern.test(path));
  return match ? path.replace(match[0], match[1]) : unknown;
}
