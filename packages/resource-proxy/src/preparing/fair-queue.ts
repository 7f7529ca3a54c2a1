/** On whose account something waits. */
export interface BodyOwner {
  readonly accountId: string;
  readonly grantId: string;
}

export interface QueueLimits {
  readonly total: number;
  readonly perAccount: number;
  readonly perGrant: number;
}

/** Why there is no place for one more. */
export type QueueFull = 'total' | 'account' | 'grant';

/**
 * A bounded queue that is fair: accounts take turns, within an account its grants do, and within a grant the order is
 * that of arrival. However much one of them puts in, another waits for one item of it at a time.
 */
export class FairQueue<Item> {
  readonly #limits: QueueLimits;
  /** In the order of their turns. */
  readonly #accounts = new Map<string, Map<string, Item[]>>();
  readonly #sizes = new Map<string, number>();
  #size = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns undefined when it has been put in */
  push({ accountId, grantId }: BodyOwner, item: Item): QueueFull | undefined {
    const { total, perAccount, perGrant } = this.#limits;
    const grants = this.#accounts.get(accountId);
    const items = grants?.get(grantId);
    if ((items?.length ?? 0) >= perGrant) return 'grant';
    if ((this.#sizes.get(accountId) ?? 0) >= perAccount) return 'account';
    if (this.#size >= total) return 'total';
    if (items !== undefined) items.push(item);
    else if (grants !== undefined) grants.set(grantId, [item]);
    else this.#accounts.set(accountId, new Map([[grantId, [item]]]));
    this.#count(accountId, 1);
    return undefined;
  }

  shift(): Item | undefined {
    const [account] = this.#accounts;
    if (account === undefined) return undefined;
    const [accountId, grants] = account;
    const [grant] = grants;
    if (grant === undefined) throw new Error('an account without a grant is not kept');
    const [grantId, items] = grant;
    const item = items.shift();
    // Whose turn it was is last again, if it has more.
    grants.delete(grantId);
    if (items.length > 0) grants.set(grantId, items);
    this.#accounts.delete(accountId);
    if (grants.size > 0) this.#accounts.set(accountId, grants);
    this.#count(accountId, -1);
    return item;
  }

  #count(accountId: string, change: number): void {
    this.#size += change;
    const size = (this.#sizes.get(accountId) ?? 0) + change;
    if (size > 0) this.#sizes.set(accountId, size);
    else this.#sizes.delete(accountId);
  }
}
