import { Client } from 'pg';
import type { Deployment } from './deployment.js';
import { waitUntil } from './wait-until.js';

export interface LedgerRow {
  readonly model: string;
  readonly settlement: string;
  /** In nano-US-dollars. */
  readonly cost: string;
  readonly catalogue_version: string;
}

/** Waits until so many requests of the grant are settled, and returns all its settled requests. */
export async function readLedger(
  { databaseUrl }: Pick<Deployment, 'databaseUrl'>,
  grantId: string,
  least = 1,
): Promise<readonly LedgerRow[]> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    let rows: LedgerRow[] = [];
    const read = async () => {
      const text = 'select model, settlement, cost::text, catalogue_version from ledger where grant_id = $1';
      rows = (await database.query<LedgerRow>(text, [grantId])).rows;
      return rows.length >= least;
    };
    await waitUntil(read, 'the requests are settled');
    return rows;
  } finally {
    await database.end();
  }
}
