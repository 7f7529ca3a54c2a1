import type { SealingJwk } from '@aipassport/resource-proxy/operating';
import { type Database, listSealedKeys } from '@aipassport/store';
import { createUnsealer } from './create-unsealer.js';

const pageSize = 100;

/**
 * Returns whether one of these private keys opens a provider key in the database. If not, the database belongs to other
 * keys, or it stores no provider key yet. A sealing key's name proves nothing, because keys that were made by hand may
 * share it.
 */
export async function unsealsAnyKey(db: Database, privateKeys: readonly SealingJwk[]): Promise<boolean> {
  const open = await createUnsealer(privateKeys);
  const sealedTo = { anyOf: privateKeys.map(({ kid }) => kid) };
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
