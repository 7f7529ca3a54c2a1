import type { ColumnType, JSONColumnType } from 'kysely';

export type Json = JSONColumnType<Record<string, unknown>>;
/** Set by the database when the row is inserted. */
export type CreatedAt = ColumnType<Date, never, never>;
