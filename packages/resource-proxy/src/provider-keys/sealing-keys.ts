import type { Logger } from 'pino';
import { elapsedSince } from '../elapsed.js';
import { importSealingKey, type SealingJwks, type SealingKey } from './sealing-key.js';

export interface SealingKeysFile {
  /** Reads it as it is now. Throws when it cannot be read, or holds anything else. */
  readonly read: () => SealingJwks;
  /** Another text whenever the file is another one, which is cheaper to ask than to read it. */
  readonly readVersion: () => string;
}

export interface SealingKeysOptions {
  readonly file: SealingKeysFile;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
}

/** A key that was dropped from the file leaves the memory after this long, at the next key that is opened. */
const freshMilliseconds = 60_000;

/**
 * The keys that open provider keys. Their file is read again when something is sealed to a key that is not held, and the
 * file has changed: so a new one takes over while requests are served, and no proxy is restarted; and what is sealed to
 * a key that nobody has costs no more than a look at the file.
 */
export class SealingKeys {
  readonly #options: SealingKeysOptions;
  #held: ReadonlyMap<string, SealingKey>;
  #version: string;
  #readAt: number;
  #reading = Promise.resolve();

  private constructor(options: SealingKeysOptions, version: string, held: ReadonlyMap<string, SealingKey>) {
    this.#options = options;
    this.#version = version;
    this.#held = held;
    this.#readAt = options.now();
  }

  /** @throws when the file cannot be read */
  static async open(options: SealingKeysOptions): Promise<SealingKeys> {
    // before it is read: when it changes at this moment, it is read once too often
    const version = options.file.readVersion();
    return new SealingKeys(options, version, await importAll(options.file.read()));
  }

  /** @returns undefined when no key of this name is in the file */
  async find(id: string): Promise<SealingKey | undefined> {
    const isStale = elapsedSince(this.#readAt, this.#options.now()) > freshMilliseconds;
    if (isStale || !this.#held.has(id)) await this.#refresh(isStale);
    return this.#held.get(id);
  }

  /** Whoever comes while it is being read waits for that: what they look for may be in it. */
  #refresh(isStale: boolean): Promise<void> {
    const version = this.#options.file.readVersion();
    if (isStale || version !== this.#version) {
      this.#version = version;
      this.#readAt = this.#options.now();
      this.#reading = this.#reading.then(() => this.#read());
    }
    return this.#reading;
  }

  /** A file that cannot be read replaces nothing: the keys that are held go on opening what they open. */
  async #read(): Promise<void> {
    const { file, log } = this.#options;
    try {
      this.#held = await importAll(file.read());
    } catch (error) {
      log.error({ event: 'sealing_keys_unreadable', err: error }, 'the sealing keys cannot be read again');
    }
  }
}

async function importAll(jwks: SealingJwks): Promise<ReadonlyMap<string, SealingKey>> {
  const keys = await Promise.all(jwks.map(importSealingKey));
  return new Map(keys.map((key) => [key.id, key]));
}
