import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

/**
 * The settings of a connection that `openDatabase` asks for and does not get: a pooler may drop them without a word.
 * Without the first a statement that hangs goes on in the database although its caller has given up; without the others
 * statements are slower than they need be.
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
