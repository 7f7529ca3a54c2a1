import { rootOf } from '@aipassport/store/proxying';

/** The account and the grant of a waiting item. */
export interface BodyOwner {
  readonly accountId: string;
  readonly grantId: string;
}

export interface QueueLimits {
  readonly total: number;
  readonly perAccount: number;
  readonly perGrant: number;
}

/** The limit that the queue has reached, so that it refuses an item. */
export type QueueFull = 'total' | 'account' | 'grant';

/**
 * A bounded fair queue. Accounts take turns: however many items one account adds, at most one of them is taken before
 * the next item of another account. The grants of an account take turns too, and the items of a grant are in the order
 * of arrival. A grant and the grants that were delegated from it count as one grant.
 */
export class FairQueue<Item> {
  readonly #limits: QueueLimits;
  /** The accounts in the order of their turns. */
  readonly #accounts = new Map<string, Map<string, Item[]>>();
  readonly #sizes = new Map<string, number>();
  #size = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns undefined when the item was added */
  push({ accountId, grantId }: BodyOwner, item: Item): QueueFull | undefined {
    const root = rootOf(grantId);
    const { total, perAccount, perGrant } = this.#limits;
    const grants = this.#accounts.get(accountId);
    const items = grants?.get(root);
    if ((items?.length ?? 0) >= perGrant) return 'grant';
    if ((this.#sizes.get(accountId) ?? 0) >= perAccount) return 'account';
    if (this.#size >= total) return 'total';
    if (items !== undefined) items.push(item);
    else if (grants !== undefined) grants.set(root, [item]);
    else this.#accounts.set(accountId, new Map([[root, [item]]]));
    this.#count(accountId, 1);
    return undefined;
  }

  shift(): Item | undefined {
    const [account] = this.#accounts;
    if (account === undefined) return undefined;
    const [accountId, grants] = account;
    const [grant] = grants;
    if (grant === undefined) throw new Error('the queue holds an account without a grant');
    const [grantId, items] = grant;
    const item = items.shift();
    // A grant that has more items becomes the last grant of its account, and the account becomes the last account.
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
