import type { Database } from '@aipassport/store';
import { findClientOrigins, isRegisteredOrigin } from '@aipassport/store/proxying';
import { LRUCache } from 'lru-cache';

/** Changes of a client's redirect URIs are rare; a new one is good after this time. */
const cacheMilliseconds = 10_000;

/** From which origins browsers may call: those of registered redirect URIs, and no others. */
export class ClientOrigins {
  readonly #db: Database;
  readonly #byClient = new LRUCache<string, readonly string[]>({ max: 10_000, ttl: cacheMilliseconds });
  readonly #registered = new LRUCache<string, boolean>({ max: 10_000, ttl: cacheMilliseconds });

  constructor(db: Database) {
    this.#db = db;
  }

  /** Whether some client has it: for questions that come before a token does. */
  async isRegistered(origin: string): Promise<boolean> {
    const known = this.#registered.get(origin);
    if (known !== undefined) return known;
    const registered = await isRegisteredOrigin(this.#db, origin);
    this.#registered.set(origin, registered);
    return registered;
  }

  /** Whether the token's own client has it. */
  async belongsTo(clientId: string, origin: string): Promise<boolean> {
    let origins = this.#byClient.get(clientId);
    if (origins === undefined) {
      origins = await findClientOrigins(this.#db, clientId);
      this.#byClient.set(clientId, origins);
    }
    return origins.includes(origin);
  }
}
