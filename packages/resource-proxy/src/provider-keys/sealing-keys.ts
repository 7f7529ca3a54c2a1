import type { Logger } from 'pino';
import { elapsedSince } from '../elapsed.js';
import { importSealingKey } from './import-sealing-key.js';
import type { SealingJwks, SealingKey } from './sealing-key.js';
import type { TransitEngine } from './transit-engine.js';

export interface SealingKeysFile {
  /** Reads the current file. Throws when it cannot be read, or does not contain sealing keys. */
  readonly read: () => SealingJwks;
  /** Returns a text that changes whenever the file changes. This is cheaper than reading the file. */
  readonly readVersion: () => string;
}

export interface SealingKeysOptions {
  readonly file: SealingKeysFile;
  /** undefined: the file must not name a sealing key that is in a transit engine */
  readonly engine: Pick<TransitEngine, 'decrypt'> | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * After this time, the next search for a sealing key reads the file again. So a sealing key that was removed from the
 * file is also removed from memory.
 */
const freshMilliseconds = 60_000;

/**
 * The sealing keys that unseal provider keys. When a provider key is sealed to an unknown sealing key, the version of
 * the file with the sealing keys is read. If the version has changed, the file is read again. So a new sealing key
 * takes effect without restarting the proxy.
 */
export class SealingKeys {
  readonly #options: SealingKeysOptions;
  #keys: ReadonlyMap<string, SealingKey>;
  #version: string;
  #readAt: number;
  #reading = Promise.resolve();

  private constructor(options: SealingKeysOptions, version: string, keys: ReadonlyMap<string, SealingKey>) {
    this.#options = options;
    this.#version = version;
    this.#keys = keys;
    this.#readAt = options.now();
  }

  /** @throws when the file cannot be read, or names a transit engine that is not configured */
  static async open(options: SealingKeysOptions): Promise<SealingKeys> {
    // Read the version before the file. If the file changes in between, the file is read once more than necessary.
    const version = options.file.readVersion();
    return new SealingKeys(options, version, await importAll(options));
  }

  /** @returns undefined when the file has no sealing key with this `kid` */
  async find(id: string): Promise<SealingKey | undefined> {
    const isStale = elapsedSince(this.#readAt, this.#options.now()) > freshMilliseconds;
    if (isStale || !this.#keys.has(id)) await this.#refresh(isStale);
    return this.#keys.get(id);
  }

  /** Concurrent callers wait while the file is read, because the file may contain the sealing key that they need. */
  #refresh(isStale: boolean): Promise<void> {
    const version = this.#options.file.readVersion();
    if (isStale || version !== this.#version) {
      this.#version = version;
      this.#readAt = this.#options.now();
      this.#reading = this.#reading.then(() => this.#read());
    }
    return this.#reading;
  }

  /** If the file cannot be read, the sealing keys in memory stay in use. */
  async #read(): Promise<void> {
    const { log } = this.#options;
    try {
      this.#keys = await importAll(this.#options);
    } catch (error) {
      log.error(
        { event: 'sealing_keys_unreadable', err: error },
        'the sealing keys could not be read again; those in memory stay in use',
      );
    }
  }
}

async function importAll({ file, engine }: SealingKeysOptions): Promise<ReadonlyMap<string, SealingKey>> {
  const keys = await Promise.all(file.read().map((jwk) => importSealingKey(jwk, engine)));
  return new Map(keys.map((key) => [key.id, key]));
}
