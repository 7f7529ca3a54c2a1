import type { Logger } from 'pino';
import { listCheckMessages, Readiness } from './readiness.js';

/**
 * The readiness of a server that starts. It is made before the server listens. Each change is logged. Until the server
 * sets its own checks, health answers say why it waits.
 * @param timeoutMilliseconds how long a check may take
 */
export function createReadiness(log: Pick<Logger, 'info' | 'warn'>, timeoutMilliseconds: number): Readiness {
  return new Readiness({
    timeoutMilliseconds,
    onChange: (report) => {
      if (report.isReady) log.info({ event: 'ready', ...listCheckMessages(report) });
      else
        log.warn(
          { event: 'unready', ...listCheckMessages(report) },
          'this server is not ready: a request would fail now',
        );
    },
  });
}
