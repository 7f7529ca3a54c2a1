import type { SealedProviderKey } from '@aipassport/store/proxying';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { Denied } from '../denials/denial.js';
import type { Secret } from '../secret.js';
import type { SealingKeys } from './sealing-keys.js';
import { findHeaderMismatch, type UnsealedKey, unsealProviderKey } from './unseal-provider-key.js';
import type { UpstreamUrl } from './upstream-url.js';

/**
 * How long an unsealed provider key stays in memory. The admission says whether that provider key is still the current
 * one, so a deleted provider key is not used again.
 */
export const keptMilliseconds = 60_000;
/**
 * All provider keys that are sealed to one missing sealing key fail for the same reason, which is logged at most once
 * in this time.
 */
const unknownMilliseconds = 60_000;

export interface OpenerOptions {
  readonly log: Logger;
  readonly sealingKeys: SealingKeys;
}

/** Unseals the provider keys of accounts, and checks that each was sealed for the host to which it will be sent. */
export class SealedKeyOpener {
  readonly #options: OpenerOptions;
  // Entries are purged by time, and not only on access: an unused provider key must not stay in memory.
  readonly #opened = new LRUCache<string, UnsealedKey>({ max: 10_000, ttl: keptMilliseconds, ttlAutopurge: true });
  readonly #unknown = new LRUCache<string, true>({ max: 1_000, ttl: unknownMilliseconds });

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** @throws Denied `provider_key_unusable` */
  async open(row: SealedProviderKey, url: UpstreamUrl): Promise<Secret> {
    // The owner entered the provider key for one host. It is never sent to another host.
    if (row.host !== url.host) throw this.#unusable(row, 'entered for another host');
    const cacheKey = `${row.id}:${row.version}:${row.sealingKeyId}`;
    let opened = this.#opened.get(cacheKey);
    if (opened === undefined) {
      const sealingKey = await this.#options.sealingKeys.find(row.sealingKeyId);
      if (sealingKey === undefined) throw this.#unknownSealingKey(row);
      opened = await unsealProviderKey(sealingKey, row.jwe).catch(() => undefined);
      if (opened === undefined) throw this.#unusable(row, 'not sealed to this proxy, or altered');
      this.#opened.set(cacheKey, opened);
    }
    const mismatch = findHeaderMismatch(opened.header, row);
    if (mismatch !== undefined) throw this.#unusable(row, `sealed for another ${mismatch}`);
    return opened.key;
  }

  #unknownSealingKey(row: SealedProviderKey): Denied {
    const detail = 'sealed to a sealing key that this proxy does not have';
    if (this.#unknown.has(row.sealingKeyId)) return new Denied({ reason: 'provider_key_unusable', detail });
    this.#unknown.set(row.sealingKeyId, true);
    return this.#unusable(row, detail);
  }

  #unusable(row: SealedProviderKey, detail: string): Denied {
    this.#options.log.error({
      event: 'provider_key_unusable',
      key_id: row.id,
      upstream: row.upstream,
      sealing_key_id: row.sealingKeyId,
      detail,
    });
    return new Denied({ reason: 'provider_key_unusable', detail });
  }
}
