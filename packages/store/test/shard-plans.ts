import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from '../src/index.js';
import type { Schema } from '../src/schema.js';

/** A node of a plan, as `explain (format json)` writes it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly Operation?: string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
  readonly [property: string]: unknown;
}

/** One access to a table, in a statement that was run. */
export interface TableAccess {
  readonly statement: string;
  readonly kind: 'read' | 'insert';
  readonly table: string;
  /** All conditions by which this access finds its rows. */
  readonly conditions: string;
}

export interface RecordingDatabase {
  readonly db: Database;
  /** The accesses to tables since the last call. */
  readonly takeAccesses: () => readonly TableAccess[];
}

/** The settings of the proxy's own connections, and those that make PostgreSQL send the plan of each statement. */
const settings = [
  'session_preload_libraries=auto_explain',
  'auto_explain.log_min_duration=0',
  'auto_explain.log_nested_statements=on',
  'auto_explain.log_level=notice',
  'auto_explain.log_format=json',
  'jit=off',
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
];

/**
 * Opens one connection that records the plans of its statements, including those inside functions.
 * @param url SECRET: of a superuser, because other roles may not load `auto_explain`
 */
export function openRecordingDatabase(url: string): RecordingDatabase {
  const accesses: TableAccess[] = [];
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    options: settings.map((each) => `-c ${each}`).join(' '),
    types: {
      getTypeParser: (oid, format) =>
        oid === pg.types.builtins.INT8 ? BigInt : pg.types.getTypeParser(oid, format as 'text'),
    },
  });
  pool.on('connect', (client) =>
    client.on('notice', ({ message = '' }) => {
      const [, json] = /plan:\n(\{.*\})\s*$/s.exec(message) ?? [];
      if (json === undefined) return;
      const { 'Query Text': statement, Plan: plan } = JSON.parse(json) as {
        readonly 'Query Text': string;
        readonly Plan: PlanNode;
      };
      accesses.push(...listAccesses(statement.replaceAll(/\s+/g, ' ').trim(), plan));
    }),
  );
  return {
    db: new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) }),
    takeAccesses: () => accesses.splice(0),
  };
}

function* listAccesses(statement: string, node: PlanNode): Generator<TableAccess> {
  const table = node['Relation Name']?.replace(/^ledger_.*$/, 'ledger');
  // the rows that are updated or deleted are found by a node below
  const isInsert = node['Node Type'] === 'ModifyTable' && node.Operation === 'Insert';
  const isRead = node['Node Type'] !== 'ModifyTable';
  if (table !== undefined && (isInsert || isRead)) {
    const conditions = Object.entries(node)
      .filter(([name]) => / Cond$| Filter$|^Filter$/.test(name))
      .map(([, condition]) => String(condition))
      .join(' and ');
    yield { statement, kind: isInsert ? 'insert' : 'read', table, conditions };
  }
  for (const child of node.Plans ?? []) yield* listAccesses(statement, child);
}
