import { noRepetition, type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import { type AuditKeys, AuditLogChanged, type ChainEnd, type Database, sealEvents } from '@aipassport/store';
import type { Logger } from 'pino';

const intervalMilliseconds = 10_000;
/** The newest seal is logged at most this often. A problem is logged at most this often too. */
const reportMilliseconds = 10 * 60_000;
/** The number of hexadecimal digits of a seal's code that are logged. */
const shownDigits = 32;

/**
 * Seals new events of the audit log every ten seconds. One server at a time does this; the database decides which one.
 * This server's own log names the newest seal, and has the signed head of each day. That log is outside of the
 * database, so an operator can find out that the end of the audit log is missing. Without audit keys, nothing is
 * sealed.
 */
export function startSealing(db: Database, keys: AuditKeys | undefined, log: Logger): Repetition {
  if (keys === undefined) return noRepetition;
  const reporter = createReporter(log);
  let seen: ChainEnd | undefined;

  async function sealAll(auditKeys: AuditKeys, signal: AbortSignal): Promise<void> {
    for (let hasMore = true; hasMore && !signal.aborted; ) {
      const step = await sealEvents(db, { keys: auditKeys, seen });
      if (step === undefined) return;
      seen = step.last;
      if (step.head !== undefined) log.info({ event: 'audit_head_signed', head: step.head });
      hasMore = step.hasMore;
    }
  }

  const sealing = repeatUntilClosed(intervalMilliseconds, async (signal) => {
    await sealAll(keys, signal).catch((error: unknown) => reporter.reportProblem(error));
    reporter.reportEnd(seen);
  });
  return {
    close: async () => {
      await sealing.close();
      reporter.reportEnd(seen, true);
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
