import { type Database, readSealing, type SealingReport } from '@aipassport/store';
import type { Finding } from './finding.js';

/** An event is normally sealed within seconds. If one waits longer than this, sealing counts as failed. */
export const mostUnsealedMinutes = 10;

/** A head is signed each day. If the newest one is older than this, signing counts as failed. */
const mostHeadDays = 2;

/** Checks whether the audit log is being sealed. Only `audit verify` checks whether the seals are right. */
export async function examineSealing(db: Database): Promise<Finding> {
  return describeSealing(await readSealing(db));
}

export function describeSealing(report: SealingReport): Finding {
  if (report.kind === 'changed')
    return {
      ok: false,
      text: 'audit log: seals are missing, or the record of the last sealed event is; run `aipassport audit verify` for details',
    };
  const { sealedUntil, unsealedMinutes, headDays } = report;
  if (sealedUntil === undefined)
    return {
      ok: true,
      text: 'audit log: no event is sealed yet, so a change of the log would not be found; an authorization server with AUDIT_KEYS_FILE seals each event',
    };
  if (unsealedMinutes > mostUnsealedMinutes)
    return {
      ok: false,
      text: `audit log: no event after ${sealedUntil.toISOString()} is sealed; run an authorization server with AUDIT_KEYS_FILE, which seals them; if one runs, its log says why it does not (\`audit_log_changed\`, \`sealing_failed\`)`,
    };
  if (headDays === undefined || headDays > mostHeadDays)
    return {
      ok: false,
      text: `audit log: ${headDays === undefined ? 'no head was signed yet' : `its last head was signed ${headDays} days ago`}; run an authorization server with AUDIT_KEYS_FILE, which signs one each day; if one runs, its log says why it does not (\`audit_log_changed\`, \`sealing_failed\`)`,
    };
  return { ok: true, text: `audit log: sealed until ${sealedUntil.toISOString()}, ${describeHead(headDays)}` };
}

function describeHead(days: number): string {
  if (days <= 0) return 'and its last head was signed today';
  return `and its last head was signed ${days === 1 ? 'yesterday' : `${days} days ago`}`;
}
