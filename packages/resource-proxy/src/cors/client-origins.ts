import type { Database } from '@aipassport/store';
import { findClientOrigins, isRegisteredOrigin } from '@aipassport/store/proxying';
import { LRUCache } from 'lru-cache';

/** Redirect URIs rarely change. A new redirect URI takes effect within this time. */
const cacheMilliseconds = 10_000;

/** The origins from which browsers may call. They are the origins of the registered redirect URIs. */
export class ClientOrigins {
  readonly #db: Database;
  readonly #byClient = new LRUCache<string, readonly string[]>({ max: 10_000, ttl: cacheMilliseconds });
  readonly #registered = new LRUCache<string, boolean>({ max: 10_000, ttl: cacheMilliseconds });

  constructor(db: Database) {
    this.#db = db;
  }

  /** Whether any client has registered this origin. Used before the token is known. */
  async isRegistered(origin: string): Promise<boolean> {
    const known = this.#registered.get(origin);
    if (known !== undefined) return known;
    const registered = await isRegisteredOrigin(this.#db, origin);
    this.#registered.set(origin, registered);
    return registered;
  }

  /** Whether the token's own client has registered this origin. */
  async belongsTo(clientId: string, origin: string): Promise<boolean> {
    let origins = this.#byClient.get(clientId);
    if (origins === undefined) {
      origins = await findClientOrigins(this.#db, clientId);
      this.#byClient.set(clientId, origins);
    }
    return origins.includes(origin);
  }
}
