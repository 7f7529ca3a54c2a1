import { type KyselyPlugin, type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** The request that causes an act, for the audit log. */
export interface Origin {
  readonly requestId: string;
  /** The IP address of the client. */
  readonly address: string;
  /** The id of the client that causes the act through the admin API; undefined for any other request. */
  readonly adminClient?: string;
}

/** A Kysely plugin that only carries the origin. It leaves statements and results unchanged. */
class OriginPlugin implements KyselyPlugin {
  readonly origin: Origin;

  constructor(origin: Origin) {
    this.origin = origin;
  }

  transformQuery: KyselyPlugin['transformQuery'] = ({ node }) => node;
  transformResult: KyselyPlugin['transformResult'] = ({ result }) => Promise.resolve(result);
}

/**
 * Returns the database for one request. Each audit event that is written through it, or in its transactions, contains
 * the identifier and the IP address of the request.
 */
export function withOrigin(db: Database, origin: Origin): Database {
  return db.withPlugin(new OriginPlugin(origin));
}

/** The members of an event's detail that name the request; empty when no request causes the act. */
export function describeOrigin(db: Database): DescribedOrigin {
  const origin = findOrigin(db);
  if (origin === undefined) return {};
  const { requestId, address, adminClient } = origin;
  return { request_id: requestId, address, ...(adminClient !== undefined && { admin_client: adminClient }) };
}

interface DescribedOrigin {
  readonly request_id?: string;
  readonly address?: string;
  readonly admin_client?: string;
}

/** A part of an event's detail, as jsonb: see `describeOrigin`. */
export function noteOrigin(db: Database): RawBuilder<unknown> {
  return sql`${JSON.stringify(describeOrigin(db))}::jsonb`;
}

/** Names the request to the functions of the database that write events in this transaction. */
export async function passOrigin(transaction: Database): Promise<void> {
  if (findOrigin(transaction) === undefined) return;
  await sql`select set_config('aipassport.origin', ${JSON.stringify(describeOrigin(transaction))}, true)`.execute(
    transaction,
  );
}

function findOrigin(db: Database): Origin | undefined {
  return db.getExecutor().plugins.find((plugin) => plugin instanceof OriginPlugin)?.origin;
}
