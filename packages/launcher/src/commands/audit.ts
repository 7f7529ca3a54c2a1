import {
  type AuditFault,
  type AuditKeys,
  type AuditVerification,
  digestAccount,
  type ExpectedSeal,
  restartSealing,
  verifyAccountEvents,
  verifyEvents,
} from '@aipassport/store';
import { withDatabase } from '../database/with-database.js';
import { readHeads } from './audit-heads.js';
import { readAuditKeys } from './audit-keys.js';
import type { CommandContext } from './context.js';
import { mostUnsealedMinutes } from './examine-sealing.js';
import { findAccountId } from './find-account-id.js';

export interface AuditOptions {
  readonly expect?: string | undefined;
  /** The path of a file. */
  readonly head?: string | undefined;
  /** The email address of the account whose events are verified. Undefined: all events are verified. */
  readonly account?: string | undefined;
}

/**
 * `audit verify`: compares every event of the audit log with its seal. May run while servers run.
 * @throws Error that describes the first fault, or says that events have waited too long for a seal. The command then
 * fails
 */
export async function verifyAuditLog(context: CommandContext, options: AuditOptions): Promise<void> {
  const { environment, print } = context;
  const keys = readAuditKeys(environment);
  if (options.account !== undefined) return verifyAccount(context, { keys, email: options.account, options });
  const expected = [
    ...(options.expect === undefined ? [] : [parseSeal(options.expect)]),
    ...(options.head === undefined ? [] : readHeads(keys, options.head)),
  ];
  const found = await withDatabase(environment, (db) => verifyEvents(db, keys, expected));
  const { fault, state, verified } = found;
  if (fault !== undefined) throw new Error(`${describeFault(fault)} The ${verified} events before it are unchanged.`);
  if (state === undefined) {
    print(`Nothing is sealed yet. ${describeUnsealed(found)}`);
  } else {
    print(`All ${verified} sealed events, until ${state.sealedUntil?.toISOString()}, are unchanged.`);
    print(`Sealing began at ${state.begunAt.toISOString()}. The last seal is ${formatSeal(state.last)}`);
    if (state.removedUntil !== undefined)
      print(`Events until ${state.removedUntil.toISOString()} were removed because their time of retention had ended.`);
    print(describeUnsealed(found));
  }
  if (expected.length > 0) print(describeExpected(expected, found));
  requireRecent(found);
}

function describeExpected(expected: readonly ExpectedSeal[], { expectedRemoved }: AuditVerification): string {
  const present = `${expected.length - expectedRemoved} of the ${expected.length} expected seals were found.`;
  if (expectedRemoved === 0) return present;
  return `${present} The others were removed with their events, so they cannot be compared.`;
}

async function verifyAccount(
  { environment, print }: CommandContext,
  { keys, email, options }: { readonly keys: AuditKeys; readonly email: string; readonly options: AuditOptions },
): Promise<void> {
  if (options.expect !== undefined)
    throw new Error('--account cannot be combined with --expect, which is about the whole log.');
  const expected = options.head === undefined ? [] : readHeads(keys, options.head);
  const { fault, verified, last } = await withDatabase(environment, async (db) => {
    const accountId = await findAccountId(db, email);
    const ids = keys.map((key) => digestAccount(key, accountId));
    if (expected.some((head) => 'account' in head && !ids.includes(head.account)))
      throw new Error(`${options.head} has a head of another account.`);
    return verifyAccountEvents(db, keys, { accountId, expected });
  });
  if (fault !== undefined)
    throw new Error(`${describeFault(fault)} The ${verified} events of the account before it are unchanged.`);
  print(
    last === undefined
      ? `No event of ${email} is sealed yet.`
      : `All ${verified} sealed events of ${email} are unchanged. The last seal of the account is ${formatSeal(last)}`,
  );
  if (expected.length > 0) print(`They match the ${expected.length} heads.`);
}

/** `audit restart`: removes every seal. After a restart, the servers seal the whole log again, as it is then. */
export async function restartAuditSealing({ environment, print }: CommandContext): Promise<void> {
  await withDatabase(environment, restartSealing);
  print('Every seal was removed. Restart the authorization servers: they seal the whole log again, as it is now.');
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
  return unsealed === 0 ? 'Every event is sealed.' : `${unsealed} events are not sealed yet.`;
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
      return `The seals from number ${fault.sequence} up to that of event ${fault.eventId} of ${fault.at.toISOString()} are missing.`;
    case 'end_missing':
      return `Seal ${fault.sequence + 1n} is missing, and perhaps more after it.`;
    case 'not_expected':
      return `Seal ${fault.sequence} is missing, or differs from the one that you expect.`;
    case 'account_ends_changed':
      return `Seals from ${fault.since + 1n} to ${fault.sequence} differ from those that the signed head covers.`;
    case 'unknown_key':
      return `Event ${fault.eventId} of ${fault.at.toISOString()} was sealed with the key ${fault.keyId}, which is not in the file of keys.`;
    case 'account_exists':
      return `Events of the account ${fault.accountId} have the id that replaces a deleted account, but that account exists.`;
    case 'changed':
      return fault.problem;
  }
}
