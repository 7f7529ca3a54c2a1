import { noRepetition, type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import { type AuditKeys, AuditLogChanged, type ChainEnd, type Database, sealEvents } from '@aipassport/store';
import type { Logger } from 'pino';

const intervalMilliseconds = 10_000;
/**
 * The newest seal is logged at most this often, and once more when the server stops. A problem is logged at most this
 * often too.
 */
const reportMilliseconds = 10 * 60_000;
/** The number of hexadecimal digits of a seal's code that are logged. */
const shownDigits = 32;

/** SECRET: the keys that seal. */
interface SealingKeys {
  /** Undefined: nothing is sealed. */
  readonly initial: AuditKeys | undefined;
  /** Reads the file as it is now. */
  readonly read: () => AuditKeys | undefined;
}

/**
 * Seals new events of the audit log every ten seconds. One server at a time does this; the database decides which one.
 * This server's own log names the newest seal, and has the signed head of each day. That log is outside of the
 * database, so an operator can find out that the end of the audit log is missing. Without audit keys, nothing is
 * sealed. The keys are read again each time, so that a new key is used without a restart.
 */
export function startSealing(db: Database, { initial, read }: SealingKeys, log: Logger): Repetition {
  if (initial === undefined) return noRepetition;
  let keys = initial;
  const reporter = createReporter(log);
  let seen: ChainEnd | undefined;

  function readAgain(): void {
    const next = read() ?? keys;
    if (namesOf(next) === namesOf(keys)) return;
    keys = next;
    log.info({ event: 'audit_keys_changed', key_ids: keys.map(({ id }) => id) });
  }

  async function sealAll(signal: AbortSignal): Promise<void> {
    for (let hasMore = true; hasMore && !signal.aborted; ) {
      const step = await sealEvents(db, { keys, seen });
      if (step === undefined) return;
      seen = step.last;
      if (step.head !== undefined) log.info({ event: 'audit_head_signed', head: step.head });
      hasMore = step.hasMore;
    }
  }

  const sealing = repeatUntilClosed(intervalMilliseconds, async (signal) => {
    try {
      readAgain();
    } catch (error) {
      reporter.reportUnreadable(error); // the keys that were read last are used
    }
    await sealAll(signal).catch((error: unknown) => reporter.reportProblem(error));
    reporter.reportEnd(seen);
  });
  return {
    close: async () => {
      await sealing.close();
      reporter.reportEnd(seen, true);
    },
  };
}

function namesOf(keys: AuditKeys): string {
  return keys.map(({ id }) => id).join(' ');
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
    reportUnreadable: (error: unknown) => {
      if (performance.now() - problemAt < reportMilliseconds) return;
      problemAt = performance.now();
      log.error({ event: 'audit_keys_unreadable', err: error });
    },
    reportProblem: (error: unknown) => {
      if (performance.now() - problemAt < reportMilliseconds) return;
      problemAt = performance.now();
      if (error instanceof AuditLogChanged)
        log.error(
          { event: 'audit_log_changed', problem: error.message },
          'no event is sealed until this is solved; see docs/operations.md',
        );
      else
        log.warn(
          { event: 'sealing_failed', err: error },
          'the events could not be sealed; the next attempt is in ten seconds',
        );
    },
  };
}
