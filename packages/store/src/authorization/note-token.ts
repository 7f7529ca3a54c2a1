import { type RawBuilder, sql } from 'kysely';

/**
 * A part of an event's detail, as jsonb: the API token with which a program of the owner asked for the act. The name is
 * stored too, because the owner's activity shows it even after the token was removed.
 * @param apiToken the token's id; undefined when a person asked for the act, on a page
 */
export function noteToken(apiToken: string | undefined): RawBuilder<unknown> {
  if (apiToken === undefined) return sql`'{}'::jsonb`;
  return sql`jsonb_strip_nulls(jsonb_build_object(
    'api_token', ${apiToken}::text, 'api_token_name', (select name from account_tokens where id = ${apiToken})))`;
}
