const known: readonly (readonly [RegExp, string])[] = [
  [/^\/interaction\/[^/]+(\/consent)?$/, '/interaction/:uid$1'],
  [/^\/authorize\/[^/]+$/, '/authorize/:uid'],
  [/^\/account\/grants\/[^/]+(\/limits|\/revoke)?$/, '/account/grants/:grant_id$1'],
];

/**
 * The path as it may stand in a log: never the query, which holds state and hints, nor an interaction's identifier,
 * which is half of what its cookie is; and never more than a line of what somebody made up.
 */
export function describePath(path: string): string {
  const match = known.find(([pattern]) => pattern.test(path));
  return match ? path.replace(match[0], match[1]) : path.slice(0, 100);
}
