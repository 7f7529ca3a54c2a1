import path from 'node:path';
import { parseAuditKeys } from '@aipassport/authorization-server/operating';
import {
  type AuditFault,
  type AuditKeys,
  type AuditVerification,
  type ExpectedSeal,
  restartSealing,
  verifyEvents,
} from '@aipassport/store';
import { withDatabase } from '../database/with-database.js';
import { locateKeyFiles } from '../keys/key-files.js';
import { readKeyFile } from '../keys/key-json.js';
import type { CommandContext } from './context.js';
import { mostUnsealedMinutes } from './examine-sealing.js';

export interface AuditOptions {
  readonly expect?: string | undefined;
}

/**
 * `audit verify`: compares every event of the audit log with its seal. May run while servers run.
 * @throws Error that describes the first fault, or says that events have waited too long for a seal. The command then
 * fails
 */
export async function verifyAuditLog({ environment, print }: CommandContext, { expect }: AuditOptions): Promise<void> {
  const expected = expect === undefined ? undefined : parseSeal(expect);
  const keys = readKeys(environment);
  const found = await withDatabase(environment, (db) => verifyEvents(db, keys, expected));
  const { fault, state, verified } = found;
  if (fault !== undefined)
    throw new Error(`${describeFault(fault)} ${verified} events before it are as they were sealed.`);
  if (state === undefined) {
    print(`Nothing is sealed yet. ${describeUnsealed(found)}`);
  } else {
    print(`All ${verified} sealed events, until ${state.sealedUntil?.toISOString()}, are as they were sealed.`);
    print(`Sealing began at ${state.begunAt.toISOString()}. The last seal is ${formatSeal(state.last)}`);
    if (state.removedUntil !== undefined)
      print(`Events until ${state.removedUntil.toISOString()} were removed because their time of retention had ended.`);
    print(describeUnsealed(found));
  }
  if (found.isExpectedRemoved)
    print(`The event of the seal ${expect} was removed too, so that seal cannot be compared.`);
  requireRecent(found);
}

/** `audit restart`: removes every seal. The servers must be restarted then. They seal the whole log again, as it is. */
export async function restartAuditSealing({ environment, print }: CommandContext): Promise<void> {
  await withDatabase(environment, restartSealing);
  print('Every seal was removed. Restart the authorization servers: they seal the whole log again, as it is now.');
}

function readKeys({ AUDIT_KEYS_FILE, AIPASSPORT_DATA }: CommandContext['environment']): AuditKeys {
  const file = AUDIT_KEYS_FILE ?? locateKeyFiles(path.resolve(AIPASSPORT_DATA, 'keys')).audit.keys;
  return readKeyFile(file, parseAuditKeys);
}

function parseSeal(text: string): ExpectedSeal {
  const [, sequence = '', code = ''] = /^([1-9]\d{0,17}):([0-9a-f]{16,64})$/.exec(text) ?? [];
  if (code === '')
    throw new Error(
      `${text} is not a seal; copy it from a line with \`audit_log_sealed\`, such as 17:0123456789abcdef.`,
    );
  return { sequence: BigInt(sequence), code };
}

function formatSeal({ sequence, code }: { readonly sequence: bigint; readonly code: Buffer }): string {
  return `${sequence}:${code.toString('hex').slice(0, 32)}`;
}

function describeUnsealed({ unsealed }: AuditVerification): string {
  return unsealed === 0 ? 'No event is without a seal.' : `${unsealed} events are not sealed yet.`;
}

function requireRecent({ unsealedMinutes }: AuditVerification): void {
  if (unsealedMinutes <= mostUnsealedMinutes) return;
  throw new Error(
    `Events should be sealed within ${mostUnsealedMinutes} minutes. Does an authorization server with AUDIT_KEYS_FILE run? Its log says why it seals nothing (\`audit_log_changed\`, \`sealing_failed\`).`,
  );
}

function describeFault(fault: AuditFault): string {
  switch (fault.kind) {
    case 'edited':
      return `Event ${fault.eventId} of ${fault.at.toISOString()} was changed after it was sealed.`;
    case 'deleted':
      return `Event ${fault.eventId} of ${fault.at.toISOString()} is missing.`;
    case 'added':
      return `Event ${fault.eventId} of ${fault.at.toISOString()} was added among older events.`;
    case 'seal_changed':
      return `The seal of event ${fault.eventId} of ${fault.at.toISOString()} was changed, or is in another place.`;
    case 'seals_missing':
      return `Seal ${fault.sequence} is missing, with those up to event ${fault.eventId} of ${fault.at.toISOString()}.`;
    case 'end_missing':
      return `The end is missing: there is no seal after seal ${fault.sequence}.`;
    case 'not_expected':
      return `Seal ${fault.sequence} is missing, or not the one that you expect.`;
    case 'unknown_key':
      return `Event ${fault.eventId} of ${fault.at.toISOString()} was sealed with the key ${fault.keyId}, which is not in the file of keys.`;
    case 'account_exists':
      return `Events of the account ${fault.accountId} are under the id of a deleted account, but that account exists.`;
    case 'changed':
      return fault.problem;
  }
}
