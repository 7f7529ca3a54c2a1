import { type Database, listSealedKeys } from '@aipassport/store';
import { createUnsealer, type HeldKeys } from './create-unsealer.js';

const pageSize = 100;

/**
 * Returns whether one of these sealing keys opens a provider key in the database. If not, the provider keys there are
 * sealed to other keys, or there is none yet. The name of the sealing key does not suffice, because different keys that
 * were made by hand may have the same name.
 */
export async function unsealsAnyKey(db: Database, held: HeldKeys): Promise<boolean> {
  const open = await createUnsealer(held);
  const sealedTo = { anyOf: held.jwks.map(({ kid }) => kid) };
  let afterId = '';
  for (;;) {
    const page = await listSealedKeys(db, { sealedTo, afterId, limit: pageSize });
    for (const row of page) {
      afterId = row.id;
      if ((await open(row)) !== undefined) return true;
    }
    if (page.length < pageSize) return false;
  }
}
