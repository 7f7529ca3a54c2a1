import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

/**
 * The settings that `openDatabase` asks for but the connection lacks. A pooler may drop them silently. Without
 * `statement_timeout`, a statement keeps running in the database after its caller has given up. Without the others,
 * statements are slower.
 */
export async function listMissingSettings(db: Kysely<Schema>): Promise<readonly string[]> {
  const { rows } = await sql<Record<'statement_timeout' | 'jit' | 'plan_cache_mode', string>>`
    select current_setting('statement_timeout') as statement_timeout, current_setting('jit') as jit,
      current_setting('plan_cache_mode') as plan_cache_mode`.execute(db);
  const { statement_timeout, jit, plan_cache_mode } = rows[0] ?? {};
  return [
    ...(statement_timeout === '0' ? ['statement_timeout'] : []),
    ...(jit === 'off' ? [] : ['jit']),
    ...(plan_cache_mode === 'force_generic_plan' ? [] : ['plan_cache_mode']),
  ];
}
