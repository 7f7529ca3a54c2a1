import type { SealingJwk } from '@aipassport/resource-proxy/operating';
import { type Database, listSealedKeys } from '@aipassport/store';
import { createOpener } from './create-opener.js';

const pageSize = 100;

/**
 * Tells whether the database stores a provider key that one of these opens: else it is none that these keys belong to,
 * or has none yet. The name of a sealing key is no proof, for keys made by hand may share it.
 */
export async function opensAnyKey(db: Database, privateKeys: readonly SealingJwk[]): Promise<boolean> {
  const open = await createOpener(privateKeys);
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
