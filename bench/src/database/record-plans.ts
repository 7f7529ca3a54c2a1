import { sql } from 'kysely';
import type { BenchmarkDatabase, DatabaseServer } from './start-database-server.js';

/** A statement that one of our servers sent, or that a function of the schema ran, and how it was executed. */
export interface RecordedPlan {
  readonly statement: string;
  /** Every access to a table, from the outermost part of the plan to the innermost. */
  readonly accesses: readonly TableAccess[];
}

export interface TableAccess {
  readonly how: string;
  /** The name of the table. For a bitmap index scan it is the name of the index. */
  readonly table: string;
  /** undefined: this access itself reads no index */
  readonly index: string | undefined;
  readonly isPrimaryKey: boolean;
}

/**
 * Makes later connections write the plan of every statement to the server's log, including statements inside functions.
 */
export async function beginRecording({ db, name }: BenchmarkDatabase): Promise<void> {
  const settings = [
    ['session_preload_libraries', 'auto_explain'],
    ['auto_explain.log_min_duration', '0'],
    ['auto_explain.log_nested_statements', 'on'],
    ['auto_explain.log_parameter_max_length', '0'],
  ] as const;
  await sql`load 'auto_explain'`.execute(db);
  for (const [setting, value] of settings) {
    await sql`alter database ${sql.id(name)} set ${sql.raw(setting)} to ${sql.lit(value)}`.execute(db);
  }
}

/** Reads the recorded plans. Each statement is returned once, with the plan that was used most often. */
export async function readPlans(server: DatabaseServer, { db }: BenchmarkDatabase): Promise<readonly RecordedPlan[]> {
  const { rows } = await sql<{ name: string }>`select conname as name from pg_constraint where contype = 'p'`.execute(
    db,
  );
  const primaryKeys = new Set(rows.map(({ name }) => name));
  const byStatement = new Map<string, Map<string, number>>();
  for (const { statement, plan } of splitLog(server.takeLog())) {
    const plans = byStatement.get(statement) ?? new Map<string, number>();
    plans.set(plan, (plans.get(plan) ?? 0) + 1);
    byStatement.set(statement, plans);
  }
  return [...byStatement].map(([statement, plans]) => {
    const [commonest = ['', 0]] = [...plans].toSorted(([, a], [, b]) => b - a);
    return { statement, accesses: readAccesses(commonest[0], primaryKeys) };
  });
}

const entryPattern = /^\d{4}-\d\d-\d\d /;

function* splitLog(lines: readonly string[]): Generator<{ readonly statement: string; readonly plan: string }> {
  const entries: string[][] = [];
  for (const line of lines) {
    if (entryPattern.test(line)) entries.push([line]);
    else entries.at(-1)?.push(line);
  }
  for (const [first = '', ...rest] of entries) {
    if (!first.includes('plan:')) continue;
    const text = rest.join('\n');
    // the plan begins with the first line that has a cost
    const planStart = text.search(/^\t?[A-Z][^\n]*\(cost=/m);
    const statement = text.slice(0, planStart).replace('Query Text: ', '').replaceAll(/\s+/g, ' ').trim();
    if (planStart !== -1) yield { statement, plan: text.slice(planStart).replaceAll(/\(cost=[^)]*\)/g, '') };
  }
}

const accessPattern =
  /(Seq Scan|Index Scan|Index Only Scan|Bitmap Heap Scan|Bitmap Index Scan|Tid Scan)(?: Backward)?(?: using (\S+))? on (\S+)/g;

function readAccesses(plan: string, primaryKeys: ReadonlySet<string>): readonly TableAccess[] {
  return [...plan.matchAll(accessPattern)].map(([, how = '', using, on = '']) => {
    // In a plan, a bitmap index scan has the name of its index after "on", where other scans have the table.
    const index = how === 'Bitmap Index Scan' ? on : using;
    return { how, table: on, index, isPrimaryKey: index !== undefined && primaryKeys.has(index) };
  });
}
