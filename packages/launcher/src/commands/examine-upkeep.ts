import { type Database, readUpkeep, type TableSize, type Upkeep } from '@aipassport/store';
import type { Finding } from './finding.js';

/**
 * Rows that are overdue for more hours than this are reported as a problem, because a cleaning takes less time and
 * servers are rarely stopped for so long.
 */
const maxOverdueHours = 24;
/** Tables that have rows only for what is in progress. If one has more rows than `max`, some were not removed. */
const currentTables: Readonly<Record<string, { readonly max: number; readonly subjects: string }>> = {
  reservations: { max: 100_000, subjects: 'requests in progress' },
  replicas: { max: 1_000, subjects: 'running resource proxies' },
};
/** When a table has this many dead rows, and more dead rows than live ones, vacuum does not keep up or is blocked. */
const minDeadRows = 1_000_000;
const shownTables = 3;

/** Checks the ledger's partitions, the cleaning of tables, vacuum, and the sizes of tables. */
export async function examineUpkeep(db: Database): Promise<readonly Finding[]> {
  return listUpkeepFindings(await readUpkeep(db));
}

/** Describes the state of the upkeep, with its problems. */
export function listUpkeepFindings(upkeep: Upkeep): readonly Finding[] {
  return [...examineMonths(upkeep), ...examineCleaning(upkeep), ...examineSizes(upkeep.tables)];
}

function examineMonths({ misplacedRows, missingMonths }: Upkeep): readonly Finding[] {
  const rows = misplacedRows >= 100_000 ? 'more than 100,000' : misplacedRows.toLocaleString('en');
  return [
    {
      ok: missingMonths.length === 0,
      text:
        missingMonths.length === 0
          ? 'ledger: the months ahead have their partitions'
          : `ledger: ${missingMonths.join(', ')} has no partition; a running resource proxy or \`aipassport init\` makes it`,
    },
    {
      ok: misplacedRows === 0,
      text:
        misplacedRows === 0
          ? 'ledger: no row is in the default partition'
          : `ledger: rows in the default partition: ${rows}; a running resource proxy moves them within hours`,
    },
  ];
}

function examineCleaning({ overdue, cleaned }: Upkeep): readonly Finding[] {
  const late = overdue.filter(({ hours }) => hours > maxOverdueHours);
  const last = Math.min(...cleaned.map(({ hours }) => hours));
  const when = cleaned.length === 0 ? 'not cleaned yet' : `last cleaned ${formatHours(last)} ago`;
  if (late.length === 0) return [{ ok: true, text: `database: nothing is overdue for removal; ${when}` }];
  return late.map(({ table, hours }) => ({
    ok: false,
    text: `database: ${table} has rows that should have been removed ${formatHours(hours)} ago; ${describeLast(cleaned, table)}; run an authorization server, which removes them; if one runs, its log says why it does not (\`cleanup_failed\`)`,
  }));
}

function describeLast(cleaned: Upkeep['cleaned'], table: string): string {
  const found = cleaned.find((each) => each.table === table);
  return found === undefined
    ? 'no cleaning of this table has finished yet'
    : `it was last cleaned ${formatHours(found.hours)} ago`;
}

function formatHours(hours: number): string {
  if (hours >= 48) return count(Math.round(hours / 24), 'day');
  return hours >= 2 ? count(Math.round(hours), 'hour') : count(Math.max(0, Math.round(hours * 60)), 'minute');
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}

function examineSizes(tables: readonly TableSize[]): readonly Finding[] {
  const total = tables.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = tables.slice(0, shownTables).map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`);
  return [
    { ok: true, text: `database: ${formatBytes(total)}, of which ${largest.join(', ')}` },
    ...tables.flatMap(findGrowth),
  ];
}

function findGrowth({ name, rows, deadRows }: TableSize): readonly Finding[] {
  const count = Math.round(rows).toLocaleString('en');
  const findings: Finding[] = [];
  const current = currentTables[name];
  if (current !== undefined && rows > current.max)
    findings.push({
      ok: false,
      text: `database: ${name} has about ${count} rows. It should have rows only for ${current.subjects}. The log of a resource proxy says why the other rows are not removed.`,
    });
  if (deadRows > Math.max(minDeadRows, rows))
    findings.push({
      ok: false,
      text: `database: ${name} has about ${count} rows and ${deadRows.toLocaleString('en')} dead ones: vacuum does not keep up, or an old transaction holds it back: look for it in pg_stat_activity`,
    });
  return findings;
}

function formatBytes(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes / 1_024, 0];
  for (; value >= 1_024 && unit < units.length - 1; unit++) value /= 1_024;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}
