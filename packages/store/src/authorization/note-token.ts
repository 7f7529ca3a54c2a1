import { type RawBuilder, sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';

/**
 * A part of an event's detail, as jsonb: the request that caused the act, and the API token with which a program of
 * the owner asked for it. The token's name is stored too, because the owner's activity shows it even after the token
 * was removed.
 * @param apiToken the token's id; undefined when a person asked for the act, on a page
 */
export function noteToken(db: Database, apiToken: string | undefined): RawBuilder<unknown> {
  if (apiToken === undefined) return noteRequestSource(db);
  return sql`jsonb_strip_nulls(jsonb_build_object(
    'api_token', ${apiToken}::text, 'api_token_name', (select name from account_tokens where id = ${apiToken}))) || ${noteRequestSource(db)}`;
}
