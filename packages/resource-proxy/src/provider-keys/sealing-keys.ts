import type { Logger } from 'pino';
import { importSealingKey, type SealingJwks, type SealingKey } from './sealing-key.js';

export interface SealingKeysOptions {
  /** Reads their file as it is now. Throws when it cannot be read, or holds anything else. */
  readonly read: () => SealingJwks;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
}

/** A key that was dropped from the file leaves the memory after this long, at the next key that is opened. */
const freshMilliseconds = 60_000;

/**
 * The keys that open provider keys. Their file is read again when something is sealed to a key that is not held: so a
 * new one takes over while requests are served, and no proxy is restarted.
 */
export class SealingKeys {
  readonly #options: SealingKeysOptions;
  #held: ReadonlyMap<string, SealingKey>;
  #readAt: number;

  private constructor(options: SealingKeysOptions, held: ReadonlyMap<string, SealingKey>) {
    this.#options = options;
    this.#held = held;
    this.#readAt = options.now();
  }

  /** @throws when the file cannot be read */
  static async open(options: SealingKeysOptions): Promise<SealingKeys> {
    return new SealingKeys(options, await importAll(options.read()));
  }

  /** @returns undefined when no key of this name is in the file */
  async find(id: string): Promise<SealingKey | undefined> {
    const isStale = this.#options.now() - this.#readAt > freshMilliseconds;
    if (isStale || !this.#held.has(id)) await this.#read();
    return this.#held.get(id);
  }

  /** A file that cannot be read replaces nothing: the keys that are held go on opening what they open. */
  async #read(): Promise<void> {
    const { read, now, log } = this.#options;
    this.#readAt = now();
    try {
      this.#held = await importAll(read());
    } catch (error) {
      log.error({ event: 'sealing_keys_unreadable', err: error }, 'the sealing keys cannot be read again');
    }
  }
}

async function importAll(jwks: SealingJwks): Promise<ReadonlyMap<string, SealingKey>> {
  const keys = await Promise.all(jwks.map(importSealingKey));
  return new Map(keys.map((key) => [key.id, key]));
}
