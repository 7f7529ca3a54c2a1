import { type KyselyPlugin, type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** The request that causes an act, for the audit log. */
export interface RequestSource {
  readonly requestId: string;
  /** The IP address of the client. */
  readonly ipAddress: string;
  /** The id of the client that causes the act through the admin API; undefined for any other request. */
  readonly adminClient?: string;
  /** The id of an operator's API token, if the act is done with it through the admin API. */
  readonly adminToken?: string;
}

/** A Kysely plugin that only carries the source. It leaves statements and results unchanged. */
class RequestSourcePlugin implements KyselyPlugin {
  readonly source: RequestSource;

  constructor(source: RequestSource) {
    this.source = source;
  }

  transformQuery: KyselyPlugin['transformQuery'] = ({ node }) => node;
  transformResult: KyselyPlugin['transformResult'] = ({ result }) => Promise.resolve(result);
}

/**
 * Returns the database for one request. Each audit event that is written through it, or in its transactions, contains
 * the identifier and the IP address of the request.
 */
export function withRequestSource(db: Database, source: RequestSource): Database {
  return db.withPlugin(new RequestSourcePlugin(source));
}

/** The members of an event's detail that name the request; empty when no request causes the act. */
export function describeRequestSource(db: Database): DescribedRequestSource {
  const source = findRequestSource(db);
  if (source === undefined) return {};
  const { requestId, ipAddress, adminClient, adminToken } = source;
  return {
    request_id: requestId,
    address: ipAddress,
    ...(adminClient !== undefined && { admin_client: adminClient }),
    ...(adminToken !== undefined && { admin_token: adminToken }),
  };
}

interface DescribedRequestSource {
  readonly request_id?: string;
  readonly address?: string;
  readonly admin_client?: string;
  readonly admin_token?: string;
}

/** A part of an event's detail, as jsonb: see `describeRequestSource`. */
export function noteRequestSource(db: Database): RawBuilder<unknown> {
  return sql`${JSON.stringify(describeRequestSource(db))}::jsonb`;
}

/** Names the request to the functions of the database that write events in this transaction. */
export async function passRequestSource(transaction: Database): Promise<void> {
  if (findRequestSource(transaction) === undefined) return;
  await sql`select set_config('aipassport.origin', ${JSON.stringify(describeRequestSource(transaction))}, true)`.execute(
    transaction,
  );
}

function findRequestSource(db: Database): RequestSource | undefined {
  return db.getExecutor().plugins.find((plugin) => plugin instanceof RequestSourcePlugin)?.source;
}
