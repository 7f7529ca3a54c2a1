import { type Database, readSealing, type SealingReport } from '@aipassport/store';
import type { Finding } from './finding.js';

/** An event is normally sealed within seconds. If one waits longer than this, sealing counts as failed. */
export const mostUnsealedMinutes = 10;

/** Checks whether the audit log is being sealed. Only `audit verify` checks whether the seals are right. */
export async function examineSealing(db: Database): Promise<Finding> {
  return describeSealing(await readSealing(db));
}

export function describeSealing(report: SealingReport): Finding {
  if (report.kind === 'changed')
    return {
      ok: false,
      text: 'audit log: seals are missing, or the record of how far it is sealed; `aipassport audit verify` says more',
    };
  const { sealedUntil, unsealedMinutes } = report;
  if (sealedUntil === undefined)
    return {
      ok: true,
      text: 'audit log: no event is sealed yet, so a change of the log would not be found; an authorization server with AUDIT_KEYS_FILE seals each event',
    };
  if (unsealedMinutes > mostUnsealedMinutes)
    return {
      ok: false,
      text: `audit log: no event after ${sealedUntil.toISOString()} is sealed; a running authorization server with AUDIT_KEYS_FILE seals them, and its log says why not (\`audit_log_changed\`, \`sealing_failed\`)`,
    };
  return { ok: true, text: `audit log: sealed until ${sealedUntil.toISOString()}` };
}
