import { type SealingKey, sealProviderKey } from '@aipassport/authorization-server/operating';
import { type Database, listSealedKeys, resealProviderKey, type SealedProviderKey } from '@aipassport/store';
import { createUnsealer, type HeldKeys } from './create-unsealer.js';

export interface ResealingKeys {
  /** SECRET: the sealing keys that open the stored provider keys, including the new one. */
  readonly held: HeldKeys;
  /** The public key of the new key pair. */
  readonly sealing: SealingKey;
}

export interface ResealingPass {
  readonly resealed: number;
  /**
   * The provider keys that could not be opened. They are sealed to a sealing key that we do not have, or they were
   * altered, or they were moved from another row. No proxy can use them either.
   */
  readonly unreadable: readonly SealedProviderKey[];
}

const pageSize = 100;

/** Opens each provider key that is not sealed to `sealing`, and seals it to `sealing`, one row at a time. */
export async function resealProviderKeys(db: Database, { held, sealing }: ResealingKeys): Promise<ResealingPass> {
  const open = await createUnsealer(held);
  const unreadable: SealedProviderKey[] = [];
  let resealed = 0;
  let afterId = '';
  for (;;) {
    const page = await listSealedKeys(db, { sealedTo: { otherThan: sealing.kid }, afterId, limit: pageSize });
    for (const row of page) {
      afterId = row.id;
      const plaintext = await open(row);
      if (plaintext === undefined) {
        unreadable.push(row);
        continue;
      }
      const { accountId: account, upstream, host, version, id, jwe: from } = row;
      const jwe = await sealProviderKey(sealing, { account, upstream, host, version }, Buffer.from(plaintext));
      // the stored row is the only copy: replace it only with a sealed provider key that was opened successfully
      if ((await open({ ...row, jwe, sealingKeyId: sealing.kid })) !== plaintext)
        throw new Error(`An API key sealed to ${sealing.kid} could not be unsealed again. No key was lost.`);
      if (await resealProviderKey(db, { id, from, jwe, sealingKeyId: sealing.kid })) resealed += 1;
    }
    if (page.length < pageSize) return { resealed, unreadable };
  }
}
