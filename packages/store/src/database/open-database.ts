import type { PoolState } from '@aipassport/contracts';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { StoredText } from '../journal/stored-text.js';
import type { Schema } from '../schema.js';
import { createClientClass } from './credentials.js';
import { nameStatements } from './name-statements.js';
import { poolOfTargets } from './pool-of-targets.js';
import { requireMark } from './require-mark.js';
import { type Target, Targets } from './targets.js';

/** A pool of connections, or one of its transactions: the first parameter of the functions that use the database. */
export type Database = Kysely<Schema>;

export interface DatabaseOptions {
  /** SECRET: holds a password. */
  readonly url: string;
  /**
   * SECRET: reads the URL again. New connections use its user and password; the hosts and all other parameters stay
   * those of `url`, so that all connections lead to one database.
   */
  readonly readUrl?: (() => string) | undefined;
  /** Shown in the server's list of sessions. */
  readonly applicationName: string;
  readonly maxConnections?: number;
  /** Statements that take longer are cancelled. 0: no limit, for operators' commands. */
  readonly statementTimeoutMilliseconds?: number;
  /** How long to wait for a connection, either a new one or a free one from the pool. */
  readonly connectTimeoutMilliseconds?: number;
  /**
   * Whether to avoid plans that read a whole table, for a server whose statements all find their rows by an index. Such
   * a plan is cheap while the table is small, but a connection keeps the plan while the table grows.
   */
  readonly avoidsTableScans?: boolean;
  /** A new connection is refused if its database is older than this mark. Undefined: no connection is refused. */
  readonly restoreMark?: StoredText | undefined;
  /** Called when a statement has ended, with its text, which has placeholders instead of values, and its duration. */
  readonly onStatement?: ((sql: string, milliseconds: number) => void) | undefined;
  /** Called when an idle connection was lost. The pool replaces it by itself. */
  readonly onConnectionLost?: (error: Error) => void;
}

/** Opens no connection yet. Connections are made on demand, to the first host of the URL that answers. */
export function openDatabase(options: DatabaseOptions): Database {
  return openWatchedDatabase(options).db;
}

export interface WatchedDatabase {
  readonly db: Database;
  readonly readPool: () => PoolState;
}

/** Opens a database as `openDatabase` does. `readPool` returns the present state of its connections. */
export function openWatchedDatabase(options: DatabaseOptions): WatchedDatabase {
  const targets = new Targets(options.url, options.readUrl);
  const pools = targets.list.map((target) => createPool(options, targets, target));
  const sum = (count: (pool: pg.Pool) => number) => pools.reduce((total, pool) => total + count(pool), 0);
  const { onStatement } = options;
  return {
    db: new Kysely<Schema>({
      dialect: new PostgresDialect({ pool: poolOfTargets(targets, pools) }),
      ...(onStatement && { log: ({ query, queryDurationMillis }) => onStatement(query.sql, queryDurationMillis) }),
    }),
    readPool: () => ({
      total: sum(({ totalCount }) => totalCount),
      idle: sum(({ idleCount }) => idleCount),
      waiting: sum(({ waitingCount }) => waitingCount),
    }),
  };
}

function createPool(options: DatabaseOptions, targets: Targets, target: Target): pg.Pool {
  const { applicationName, maxConnections = 10 } = options;
  const { statementTimeoutMilliseconds = 5_000, connectTimeoutMilliseconds = 3_000 } = options;
  const { restoreMark } = options;
  const check = async (client: pg.ClientBase): Promise<void> => {
    await targets.requireReadWrite(client);
    if (restoreMark !== undefined) await requireMark(client, restoreMark);
  };
  // The pool awaits the returned promise, although its types do not say so.
  const onConnect = (client: pg.ClientBase): unknown => check(client);
  const pool = new pg.Pool({
    ...target,
    Client: createClientClass(targets.credentials),
    application_name: applicationName,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMilliseconds,
    ...limitStatements(statementTimeoutMilliseconds),
    keepAlive: true,
    // Statements are short and repeat often, so replanning or compiling them costs more than it saves. A pooler may not
    // pass these settings on: docs/operations.md says how to configure them there.
    options: [
      ...settings,
      ...(statementTimeoutMilliseconds === 0 ? unlimited : []),
      ...(options.avoidsTableScans === true ? withoutTableScans : []),
    ]
      .map((each) => `-c ${each}`)
      .join(' '),
    types: { getTypeParser: parserOf },
    ...((targets.needsReadWrite || restoreMark !== undefined) && { onConnect }),
  });
  // Without a listener, the loss of one idle connection ends the process.
  pool.on('error', (error) => options.onConnectionLost?.(error));
  pool.on('connect', (client) => {
    nameStatements(client);
    if (statementTimeoutMilliseconds === 0) client.query(endsWithItsClient).catch(() => undefined);
  });
  return pool;
}

function limitStatements(milliseconds: number): pg.PoolConfig {
  if (milliseconds === 0) return { idle_in_transaction_session_timeout: maxIdleMilliseconds };
  return {
    // The client has a timeout too, in case the database or the network does not answer at all.
    query_timeout: milliseconds + graceMilliseconds,
    statement_timeout: milliseconds,
    idle_in_transaction_session_timeout: milliseconds,
  };
}

const settings = ['jit=off', 'plan_cache_mode=force_generic_plan', 'timezone=UTC'];
const withoutTableScans = ['enable_seqscan=off', 'enable_hashjoin=off', 'enable_mergejoin=off'];

/** Overrides the default of the role or of the database. */
const unlimited = ['statement_timeout=0'];
/**
 * Makes PostgreSQL cancel the statement of a command that was killed. Before PostgreSQL 14 and on Windows the statement
 * continues.
 */
const endsWithItsClient = "set client_connection_check_interval = '1s'";
/** The maximum time for which a suspended command keeps its transaction open and its locks held. */
const maxIdleMilliseconds = 60_000;

/**
 * How long the client waits after the statement timeout for the server's message that the server has cancelled the
 * statement.
 */
const graceMilliseconds = 500;

/** Reads int8 as bigint. The driver's default is a string, and adding two strings joins them. */
const parserOf: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? BigInt : pg.types.getTypeParser(oid, format);
