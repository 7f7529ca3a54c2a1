import type { Readiness, Tracing } from '@aipassport/contracts';
import type { Database, RefusalCounts } from '@aipassport/store';
import type { Logger } from 'pino';
import type { Configuration } from './configuration.js';
import type { SealingKey } from './keys/parse-sealing-key.js';
import type { AuthorizationMetrics } from './metrics/authorization-metrics.js';
import type { Scripts } from './pages/scripts.js';
import type { Stylesheet } from './pages/stylesheet.js';

/** The objects and functions that every part of the server uses. `startAuthorizationServer` creates them. */
export interface Foundation {
  readonly configuration: Configuration;
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: AuthorizationMetrics;
  readonly tracing: Tracing;
  /** Refusals that change nothing. Their counts become events of the audit log. */
  readonly refusals: RefusalCounts;
  readonly now: () => Date;
  readonly stylesheet: Stylesheet;
  readonly scripts: Scripts;
  /** Reads the sealing key that is in use now. A rotation changes it. */
  readonly readSealingKey: () => SealingKey;
  /**
   * Call `discardResult` when a request fails because something that all requests need is unavailable: the server then
   * checks again whether it is ready. The operator's page shows what `read` returns.
   */
  readonly readiness: Pick<Readiness, 'discardResult' | 'read'>;
}
