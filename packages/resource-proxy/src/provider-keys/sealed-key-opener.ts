import type { SealedProviderKey } from '@aipassport/store/proxying';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { Denied } from '../denials/denial.js';
import type { Secret } from '../secret.js';
import { type SealingKey, TransitUnavailable } from './sealing-key.js';
import { findHeaderMismatch, type UnsealedKey } from './unsealed-key.js';
import type { UpstreamUrl } from './upstream-url.js';

/**
 * How long each of two caches keeps an unsealed provider key: the one here, and the one of `ProviderKeys`, which takes
 * provider keys from here. So a provider key stays in memory for at most a minute. The admission says whether that
 * provider key is still the current one, so a deleted provider key is not used again.
 */
export const keptMilliseconds = 30_000;
/**
 * All provider keys that are sealed to one missing sealing key fail for the same reason, and so do those of a transit
 * engine that does not answer. Such a reason is logged at most once in this time.
 */
const reportedMilliseconds = 60_000;

export interface OpenerOptions {
  readonly log: Logger;
}

/** A stored provider key, and the sealing key that it names. `sealingKey` is undefined if this proxy does not have it. */
export interface FoundKey {
  readonly row: SealedProviderKey;
  readonly sealingKey: SealingKey | undefined;
}

/** Unseals the provider keys of accounts, and checks that each was sealed for the host to which it will be sent. */
export class SealedKeyOpener {
  readonly #options: OpenerOptions;
  // Entries are purged by time, and not only on access: an unused provider key must not stay in memory.
  readonly #opened = new LRUCache<string, UnsealedKey>({ max: 10_000, ttl: keptMilliseconds, ttlAutopurge: true });
  /** Requests that need the same provider key at the same time wait for one unsealing. */
  readonly #opening = new Map<string, Promise<UnsealedKey>>();
  readonly #reported = new LRUCache<string, true>({ max: 1_000, ttl: reportedMilliseconds });

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** @throws Denied `provider_key_unusable` or `sealing_key_unavailable` */
  async open({ row, sealingKey }: FoundKey, url: UpstreamUrl): Promise<Secret> {
    // The owner entered the provider key for one host. It is never sent to another host.
    if (row.host !== url.host) throw this.#unusable(row, 'entered for another host');
    const cacheKey = `${row.id}:${row.version}:${row.sealingKeyId}`;
    let opened = this.#opened.get(cacheKey);
    if (opened === undefined) {
      if (sealingKey === undefined) throw this.#unknownSealingKey(row);
      opened = await this.#unseal(cacheKey, sealingKey, row);
      this.#opened.set(cacheKey, opened);
    }
    const mismatch = findHeaderMismatch(opened.header, row);
    if (mismatch !== undefined) throw this.#unusable(row, `sealed for another ${mismatch}`);
    return opened.key;
  }

  async #unseal(cacheKey: string, sealingKey: SealingKey, row: SealedProviderKey): Promise<UnsealedKey> {
    let opening = this.#opening.get(cacheKey);
    if (opening === undefined) {
      opening = sealingKey.unseal(row.jwe).finally(() => this.#opening.delete(cacheKey));
      this.#opening.set(cacheKey, opening);
    }
    try {
      return await opening;
    } catch (error) {
      if (error instanceof TransitUnavailable) throw this.#unavailable(row, error);
      throw this.#unusable(row, 'not sealed to this proxy, or altered');
    }
  }

  #unknownSealingKey(row: SealedProviderKey): Denied {
    const detail = 'sealed to a sealing key that this proxy does not have';
    if (!this.#mayReport(row)) return new Denied({ reason: 'provider_key_unusable', detail });
    return this.#unusable(row, detail);
  }

  #unavailable(row: SealedProviderKey, cause: TransitUnavailable): Denied {
    if (this.#mayReport(row))
      this.#options.log.error({
        event: 'sealing_key_unavailable',
        sealing_key_id: row.sealingKeyId,
        problem: cause.message,
      });
    return new Denied({ reason: 'sealing_key_unavailable' }, { cause });
  }

  #mayReport({ sealingKeyId }: SealedProviderKey): boolean {
    if (this.#reported.has(sealingKeyId)) return false;
    this.#reported.set(sealingKeyId, true);
    return true;
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
