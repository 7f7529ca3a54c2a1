import type { SecretReader } from '@aipassport/contracts';
import type { Upstream } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import {
  type AdmissionRequest,
  findProviderKey,
  findSpareKey,
  type SealedProviderKey,
  touchProviderKey,
} from '@aipassport/store/proxying';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { Denied } from '../denials/denial.js';
import { Secret } from '../secret.js';
import { type FoundKey, keptMilliseconds, SealedKeyOpener } from './sealed-key-opener.js';
import type { SealingKeys } from './sealing-keys.js';
import type { UpstreamUrl } from './upstream-url.js';

/** The provider key that a request is sent with, and the URL that it is sent to. */
export interface ProviderKey {
  readonly key: Secret;
  readonly url: UpstreamUrl;
  /** A `simulated` provider key is not secret. */
  readonly kind: 'account' | 'operator' | 'simulated';
  /** The identifier of an account's provider key. */
  readonly id: string | undefined;
}

export interface ProviderKeysOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly sealingKeys: SealingKeys;
  readonly urls: Readonly<Record<Upstream, UpstreamUrl>>;
  /** The operator’s provider keys. They may be replaced at any time, so each use reads the one in force. */
  readonly operatorKeys: Readonly<Partial<Record<Upstream, SecretReader<Secret>>>>;
  readonly simulated: UpstreamUrl | undefined;
}

/** The placeholder that is sent to the simulated upstream as a provider key. */
const simulatedKey = new Secret('simulated');
const touchMilliseconds = 60_000;

export interface KeyQuestion {
  readonly accountId: string;
  readonly upstream: Upstream;
  /** The identifier of the account's current provider key, according to the database; undefined when it has none. */
  readonly currentId: string | undefined;
  /** The same as `Admission.usesOperatorKey`. */
  readonly usesOperatorKey: boolean;
}

/** Reads a sealed provider key from the database. */
type FindRow = () => Promise<SealedProviderKey | undefined>;

/** Finds the provider key for a request: the owner's own, else the operator's, else the simulated upstream's. */
export class ProviderKeys {
  readonly #options: ProviderKeysOptions;
  readonly #opener: SealedKeyOpener;
  readonly #remembered = new LRUCache<string, ProviderKey>({ max: 10_000, ttl: keptMilliseconds, ttlAutopurge: true });
  readonly #touched = new LRUCache<string, true>({ max: 10_000, ttl: touchMilliseconds });

  constructor(options: ProviderKeysOptions) {
    this.#options = options;
    this.#opener = new SealedKeyOpener(options);
  }

  /**
   * Returns the provider key from memory if it is there, so that a request seldom waits for the database. `confirm`
   * checks later whether the provider key is still current.
   * @throws Denied `provider_key_missing`, `provider_key_unusable` or `sealing_key_unavailable`
   */
  async recall(accountId: string, upstream: Upstream): Promise<ProviderKey> {
    const remembered = this.#remembered.get(nameOf(accountId, upstream));
    const current = remembered?.kind === 'operator' ? this.#operatorKey(upstream) : remembered;
    return current ?? this.find(accountId, upstream);
  }

  /**
   * Returns the given provider key if the request may still use it, and otherwise the provider key that it must use.
   * The admission has decided whether that is the operator's provider key, and has counted the request accordingly.
   * That decision stays even if the owner changes the provider keys meanwhile.
   * @param currentId the same as `Admission.providerKeyId`
   * @throws Denied `provider_key_missing`, `provider_key_unusable`, `sealing_key_unavailable` or `provider_key_changed`
   */
  async confirm(
    key: ProviderKey,
    { accountId, upstream, currentId, usesOperatorKey }: KeyQuestion,
  ): Promise<ProviderKey> {
    const isOperatorKey = key.kind === 'operator';
    if (isOperatorKey ? usesOperatorKey : !usesOperatorKey && key.id === currentId) return key;
    this.#remembered.delete(nameOf(accountId, upstream));
    // The request was counted against the operator's caps, so no other provider key may serve it.
    const confirmed = usesOperatorKey ? this.#operatorKey(upstream) : await this.find(accountId, upstream);
    if (confirmed === undefined || (confirmed.kind === 'operator') !== usesOperatorKey)
      throw new Denied({ reason: 'provider_key_changed' });
    return confirmed;
  }

  /**
   * Finds the current provider key. Reads from the database whether the account has one.
   * @throws Denied `provider_key_missing`, `provider_key_unusable` or `sealing_key_unavailable`
   */
  async find(accountId: string, upstream: Upstream): Promise<ProviderKey> {
    const key = await this.#read(accountId, upstream);
    this.#remembered.set(nameOf(accountId, upstream), key);
    return key;
  }

  /**
   * Finds one of the account's own provider keys, the first or a spare one, as it is in the database now.
   * @returns undefined when the account has no such key
   * @throws Denied `provider_key_unusable` or `sealing_key_unavailable`
   */
  async findOwn(accountId: string, upstream: Upstream, id: string): Promise<ProviderKey | undefined> {
    const { db } = this.#options;
    const url = this.#urlOf(upstream);
    // Each attempt reads the row again, because the owner may change the order of the provider keys meanwhile.
    const key = await this.#openKey(upstream, async () => {
      const first = await findProviderKey(db, { accountId, upstream });
      return first?.id === id ? first : findSpareKey(db, { accountId, upstream, id });
    });
    return key && { ...key, url, kind: 'account' };
  }

  async #read(accountId: string, upstream: Upstream): Promise<ProviderKey> {
    const { db, simulated } = this.#options;
    const url = this.#urlOf(upstream);
    const key = await this.#openKey(upstream, () => findProviderKey(db, { accountId, upstream }));
    if (key !== undefined) return { ...key, url, kind: 'account' };
    const operatorKey = this.#operatorKey(upstream);
    if (operatorKey !== undefined) return operatorKey;
    if (simulated !== undefined) return { key: simulatedKey, url: simulated, kind: 'simulated', id: undefined };
    throw new Denied({ reason: 'provider_key_missing' });
  }

  #operatorKey(upstream: Upstream): ProviderKey | undefined {
    const key = this.#options.operatorKeys[upstream]?.();
    return key && { key, url: this.#urlOf(upstream), kind: 'operator', id: undefined };
  }

  #urlOf(upstream: Upstream): UpstreamUrl {
    const url = this.#options.urls[upstream];
    if (url === undefined) throw new Error(`${upstream} has no URL`);
    return url;
  }

  /** @returns undefined when `findRow` finds no provider key */
  async #openKey(upstream: Upstream, findRow: FindRow): Promise<Pick<ProviderKey, 'key' | 'id'> | undefined> {
    const url = this.#urlOf(upstream);
    const open = async (one: FoundKey) => ({ key: await this.#opener.open(one, url), id: one.row.id });
    let found = await this.#findKey(findRow);
    // After the row was read, a rotation may have sealed the provider key to a new sealing key and removed the old one.
    // So read the row again. If the old sealing key was in a transit engine, only the failed attempt to open shows its
    // removal.
    if (found !== undefined && found.sealingKey === undefined) found = await this.#findKey(findRow);
    if (found === undefined) return undefined;
    try {
      return await open(found);
    } catch (error) {
      const current = await this.#findKey(findRow);
      if (current === undefined || current.row.jwe === found.row.jwe) throw error;
      return open(current);
    }
  }

  async #findKey(findRow: FindRow): Promise<FoundKey | undefined> {
    const row = await findRow();
    return row && { row, sealingKey: await this.#options.sealingKeys.find(row.sealingKeyId) };
  }

  /** Records that an account's provider key was used. No request waits for this record. */
  touch({ id }: ProviderKey, { accountId, upstream }: Pick<AdmissionRequest, 'accountId' | 'upstream'>): void {
    if (id === undefined || this.#touched.has(id)) return;
    this.#touched.set(id, true);
    touchProviderKey(this.#options.db, { id, accountId, upstream }).catch((error: unknown) => {
      this.#options.log.warn(
        { event: 'provider_key_touch_failed', err: error },
        'the last use of a provider key could not be recorded',
      );
    });
  }
}

function nameOf(accountId: string, upstream: Upstream): string {
  return `${upstream} ${accountId}`;
}
