import type { SchemaRecord } from './schema-record.js';
import { type Migration, release, type SqlFile } from './sql-files.js';

/** A step that is applied as a whole or not at all. */
export interface Step {
  readonly migrations: readonly Migration[];
  /** The functions that are defined in this step. */
  readonly functions: readonly SqlFile[];
  /** Whether the step also applies rights.sql, because new tables and functions do not have their rights yet. */
  readonly hasRights: boolean;
}

/** Lists the functions to define. An older program must not overwrite the functions of a newer one. */
export function listChangedFunctions(
  files: readonly SqlFile[],
  record: SchemaRecord,
  isNewer: boolean,
): readonly SqlFile[] {
  if (record.functions.some((applied) => applied.release > release)) return [];
  const byName = new Map(record.functions.map((applied) => [applied.name, applied]));
  return files.filter(({ name, checksum }) => {
    const applied = byName.get(name);
    if (applied === undefined || applied.release < release) return true;
    return applied.checksum !== checksum && !isNewer;
  });
}

/**
 * Adjacent migrations share a step, except those that need a step of their own. Functions and rights are part of the
 * last step.
 */
export function planSteps(
  pending: readonly Migration[],
  functions: readonly SqlFile[],
  hasRights: boolean,
): readonly Step[] {
  const groups: Migration[][] = [];
  let standsAlone = true;
  for (const migration of pending) {
    const isApart = migration.isAlone || migration.concurrentIndex !== undefined;
    if (isApart || standsAlone) groups.push([]);
    groups.at(-1)?.push(migration);
    standsAlone = isApart;
  }
  const last = standsAlone ? [] : (groups.pop() ?? []);
  const steps: Step[] = groups.map((migrations) => ({ migrations, functions: [], hasRights: false }));
  if (last.length > 0 || functions.length > 0 || hasRights) steps.push({ migrations: last, functions, hasRights });
  return steps;
}
