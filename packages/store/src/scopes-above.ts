import { includesToken, parseGrantedScope, type ScopeToken } from '@aipassport/policy';

/**
 * SQL: the scopes of the grants above the row of `grants`, as an array. If there is no grant above the row, the result
 * is null and no other row is read.
 */
export const scopesAbove = `case when position('.' in grants.id) > 0 then (
    select array_agg(p.scope) from grants p where p.id = any (with_ancestors(array[grants.id])) and p.id <> grants.id
  ) end`;

interface ScopeRow {
  /** null: the grant does not exist. */
  readonly scope: string | null;
  readonly scopes_above: readonly string[] | null;
}

/**
 * Reads the scope that a grant allows now: the part of its own scope that all grants above the grant allow too. The
 * scope of a grant above may have been narrowed after the grant was made.
 */
export function readTokens({ scope, scopes_above: above }: ScopeRow): readonly ScopeToken[] {
  const tokens = parseGrantedScope(scope ?? '');
  if (above === null) return tokens;
  const allOfAbove = above.map(parseGrantedScope);
  return tokens.filter((token) => allOfAbove.every((granted) => includesToken(granted, token)));
}
