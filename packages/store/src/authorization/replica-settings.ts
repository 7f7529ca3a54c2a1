import type { SettingInForce } from '@aipassport/contracts';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** Resource proxies that run now with equal settings. */
export interface RunningProxies {
  readonly proxies: number;
  /** Undefined: these proxies are of a release that does not report its settings. */
  readonly settings: readonly SettingInForce[] | undefined;
}

export async function listRunningProxies(db: Database): Promise<readonly RunningProxies[]> {
  const { rows } = await sql<{ proxies: number; settings: RunningProxies['settings'] | null }>`
    select proxies, settings from list_replica_settings()`.execute(db);
  return rows.map(({ proxies, settings }) => ({
    proxies,
    settings: settings?.map(({ name, value }) => ({ name, value })),
  }));
}
