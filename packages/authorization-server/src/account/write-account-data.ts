import type { Database } from '@aipassport/store';
import { auditEventKinds, exportAccount } from '@aipassport/store/authorization';
import { readEvents } from '../activity/export-events.js';

/**
 * Writes the data of an account, except its secrets, as a JSON object with one member for each part: an array of the
 * part's rows, one on each line. Few rows are in memory at a time.
 */
export async function* writeAccountData(db: Database, accountId: string): AsyncGenerator<string> {
  const activity = { name: 'activity', rows: readEvents(db, { accountId, kinds: auditEventKinds }) };
  let opening = '{';
  for (const { name, rows } of [...exportAccount(db, accountId), activity]) {
    yield `${opening}\n${JSON.stringify(name)}: [`;
    let separator = '\n';
    for await (const row of rows) {
      yield separator + JSON.stringify(row, writeNumber);
      separator = ',\n';
    }
    yield ']';
    opening = ',';
  }
  yield '\n}\n';
}

/** JSON has no bigints. A bigint that is too large for an exact number becomes a string. */
function writeNumber(_member: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
