import { setTimeout as sleep } from 'node:timers/promises';
import { type AuditKeys, AuditLogChanged, type ChainEnd, type Database, sealEvents } from '@aipassport/store';
import type { Logger } from 'pino';

const intervalMilliseconds = 10_000;
/** The newest seal is logged at most this often. A problem is logged at most this often too. */
const reportMilliseconds = 10 * 60_000;
/** The number of hexadecimal digits of a seal's code that are logged. */
const shownDigits = 32;

/**
 * Seals new events of the audit log every ten seconds. One server at a time does this; the database decides which one.
 * This server's own log names the newest seal. That log is outside of the database, so an operator can find out that
 * the end of the audit log is missing. Without audit keys, nothing is sealed.
 */
export function startSealing(
  db: Database,
  keys: AuditKeys | undefined,
  log: Logger,
): { readonly close: () => Promise<void> } {
  if (keys === undefined) return { close: () => Promise.resolve() };
  const closing = new AbortController();
  const { signal } = closing;
  const reporter = createReporter(log);
  let seen: ChainEnd | undefined;

  async function sealAll(auditKeys: AuditKeys): Promise<void> {
    for (let hasMore = true; hasMore && !signal.aborted; ) {
      const step = await sealEvents(db, { keys: auditKeys, seen });
      if (step === undefined) return;
      seen = step.last;
      hasMore = step.hasMore;
    }
  }

  async function run(auditKeys: AuditKeys): Promise<void> {
    while (!signal.aborted) {
      await sealAll(auditKeys).catch((error: unknown) => reporter.reportProblem(error));
      reporter.reportEnd(seen);
      await sleep(intervalMilliseconds, undefined, { signal, ref: false }).catch(() => undefined);
    }
    reporter.reportEnd(seen, true);
  }

  const running = run(keys);
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

function createReporter(log: Logger) {
  let reported = 0n;
  let reportedAt = Number.NEGATIVE_INFINITY;
  let problemAt = Number.NEGATIVE_INFINITY;
  return {
    reportEnd: (end: ChainEnd | undefined, isLast = false) => {
      if (end === undefined || end.sequence === reported) return;
      if (!isLast && performance.now() - reportedAt < reportMilliseconds) return;
      reported = end.sequence;
      reportedAt = performance.now();
      const seal = `${end.sequence}:${end.code.toString('hex').slice(0, shownDigits)}`;
      log.info({ event: 'audit_log_sealed', seal });
    },
    reportProblem: (error: unknown) => {
      if (performance.now() - problemAt < reportMilliseconds) return;
      problemAt = performance.now();
      if (error instanceof AuditLogChanged)
        log.error({ event: 'audit_log_changed', problem: error.message }, 'nothing is sealed; see docs/operations.md');
      else log.warn({ event: 'sealing_failed', err: error }, 'the next attempt is in ten seconds');
    },
  };
}
