import type { KeyVerdict, Upstream } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import {
  findAccount,
  findListedKey,
  insertKeyTest,
  insertSpareKey,
  listSpareKeys,
  lockAccount,
  nameProviderKey,
  nextProviderKeyVersion,
  upsertProviderKey,
} from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import { isKeyShown } from '../pages/shown-keys.js';
import { type Form, fieldText } from '../read-form.js';
import { sealProviderKey } from './seal-provider-key.js';

interface NewKey {
  readonly accountId: string;
  readonly upstream: Upstream;
  /** If its field `name` is empty, a provider key that replaces another one gets the name of the replaced key. */
  readonly form: Form;
  /** The verdict of the AI provider when the provider key was tried; undefined: it was not tried. */
  readonly tested: KeyVerdict | undefined;
}

/**
 * `account_over`: the account was deleted or disabled. `out_of_date`: the account has a provider key for this AI
 * provider that the form did not show.
 */
type Outcome = 'stored' | 'account_over' | 'out_of_date' | 'too_many';

/**
 * Seals a provider key and stores it. Replaces the account's first key for the same AI provider, or adds a spare key if
 * the form says so. Does neither if the form did not show all keys of the account for this AI provider.
 */
export async function storeKey(deps: Dependencies, newKey: NewKey, key: Buffer): Promise<Outcome> {
  const { accountId, upstream } = newKey;
  // Tries twice. If the sealing key was retired after we read it, its file already holds the next one.
  let outcome = await sealAndStore(deps, newKey, key);
  if (outcome === 'refused') outcome = await sealAndStore(deps, newKey, key);
  if (outcome === 'refused') {
    const account = await findAccount(deps.db, accountId);
    if (account === undefined || account.disabledAt !== undefined) return 'account_over';
    throw new Error(
      'the sealing key is retired: SEALING_PUBLIC_KEY_FILE does not match the current private key of the proxies',
    );
  }
  if (outcome === 'stored') deps.log.info({ event: 'provider_key_stored', account_id: accountId, upstream });
  return outcome;
}

/** @returns `refused` when the sealing key has been retired or the account was deleted or disabled */
async function sealAndStore(
  { db, configuration, readSealingKey }: Dependencies,
  newKey: NewKey,
  key: Buffer,
): Promise<'stored' | 'out_of_date' | 'refused' | 'too_many'> {
  const { accountId, upstream, form, tested } = newKey;
  const sealingKey = readSealingKey();
  const host = configuration.upstreamHosts[upstream];
  if (host === undefined) throw new Error(`${upstream} has no host`);
  const version = await nextProviderKeyVersion(db, accountId, upstream);
  const jwe = await sealProviderKey(sealingKey, { account: accountId, upstream, host, version }, key);
  const lastFour = key.subarray(-4).toString();
  const stored = { accountId, upstream, host, version, sealingKeyId: sealingKey.kid, jwe, lastFour };
  return db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, accountId);
    if (!(await isAsShown(transaction, newKey))) return 'out_of_date';
    const name = fieldText(form, 'name').trim();
    if (fieldText(form, 'as_spare') === 'yes') {
      const outcome = await insertSpareKey(transaction, { ...stored, name, tested });
      // without a first key, the new one becomes the first
      if (outcome !== 'no_first') return outcome;
    }
    if (!(await upsertProviderKey(transaction, stored))) return 'refused';
    if (tested !== undefined) await insertKeyTest(transaction, { accountId, upstream }, tested);
    if (name !== '') await nameProviderKey(transaction, { accountId, upstream }, name);
    return 'stored';
  });
}

/** False when another tab has stored a provider key that the page of this form did not show. */
async function isAsShown(db: Database, { accountId, upstream, form }: NewKey): Promise<boolean> {
  const first = await findListedKey(db, { accountId, upstream });
  const spare = (await listSpareKeys(db, accountId)).filter((key) => key.upstream === upstream);
  return [...(first === undefined ? [] : [first]), ...spare].every((key) => isKeyShown(form, key));
}
