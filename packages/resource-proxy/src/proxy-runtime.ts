import type { Logger } from 'pino';
import type { RotatedSecrets } from './configuration.js';
import type { OnFailpoint } from './failpoint.js';
import type { SealingKeysFile } from './provider-keys/sealing-keys.js';

/** The parts that the program gives to a proxy in addition to the configuration. */
export interface ProxyRuntime {
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /**
   * The file of the sealing keys, which is read again when it changes. If absent, the configuration's keys stay in use.
   */
  readonly sealingKeysFile?: SealingKeysFile;
  /** If absent, the configuration's database password and client secret stay in use. */
  readonly rotatedSecrets?: RotatedSecrets;
  /** Called from time to time with the time by the database's clock, in milliseconds since the epoch. */
  readonly onDatabaseTime?: (databaseMilliseconds: number) => void;
  /** Ends a start that waits for the database. `close` ends a proxy that is running. */
  readonly signal?: AbortSignal;
  /** For tests only. */
  readonly onFailpoint?: OnFailpoint;
}
