import type { Upstream } from '@aipassport/policy';
import { sql } from 'kysely';
import { type AuditKeys, digestAccount } from '../audit/seal-codes.js';
import { deleteAccountToken, deleteAccountTokens } from '../authorization/account-tokens.js';
import { blockClient, disapproveClient, unblockClient } from '../authorization/client-standing.js';
import { deleteClient } from '../authorization/clients.js';
import { deleteAccount } from '../authorization/delete-account.js';
import { disableAccount, enableAccount } from '../authorization/disable-account.js';
import { setMayInvite } from '../authorization/invitations.js';
import { setOperator } from '../authorization/operators.js';
import { deleteOwnedClient } from '../authorization/owned-clients.js';
import { deleteProviderKey, findListedKey } from '../authorization/provider-keys.js';
import { endRecoveryCode } from '../authorization/recovery-codes.js';
import { type RevocationReason, revokeGrant } from '../authorization/revoke-grant.js';
import { deleteSpareKey } from '../authorization/spare-keys.js';
import { setAccountLimit } from '../authorization/update-limits.js';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';
import { makeSecret } from '../make-secret.js';
import { journaledEvents } from './journaled-events.js';

/** An event of the audit log, as the journal has it. */
export interface ReplayedEvent {
  readonly id: number;
  /** As PostgreSQL writes it, with microseconds. */
  readonly at: string;
  readonly event: string;
  readonly account_id: string | null;
  readonly client_id: string | null;
  readonly grant_id: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

interface Subject {
  readonly accountId: string;
  readonly clientId: string;
  readonly grantId: string;
  /** A member of the event's detail; empty when there is none. */
  readonly detail: (name: string) => string;
  readonly event: ReplayedEvent;
  readonly keys: AuditKeys;
}

type Repeat = (transaction: Database, subject: Subject) => Promise<unknown>;

const revoke: Repeat = (transaction, { grantId, detail }) =>
  revokeGrant(transaction, {
    grantId,
    reason: (detail('reason') || 'operator') as RevocationReason, // from the audit log
    revokedBy: detail('by') || 'operator',
  });

/**
 * Deletes a provider key that was deleted or replaced since the backup. The journal does not contain the new key. The
 * order of an account's keys is as in the backup, so the event names the key. Events of earlier releases do not name
 * it; they had one key for each AI provider.
 */
const endProviderKey: Repeat = async (transaction, { accountId, detail }) => {
  const id = detail('key_id');
  if (id !== '' && (await deleteSpareKey(transaction, { accountId, id }))) return;
  const upstream = detail('upstream') as Upstream; // from the audit log
  const first = await findListedKey(transaction, { accountId, upstream });
  if (first !== undefined && (id === '' || first.id === id))
    await deleteProviderKey(transaction, { accountId, upstream });
};

/** The sessions and the links end for all accounts: see `endSignIns`. The password is as in the backup. */
const endAfterPassword: Repeat = async (transaction, { accountId, detail }) => {
  await deleteAccountTokens(transaction, accountId);
  if (detail('recovery_codes') === 'ended')
    await sql`delete from recovery_codes where account_id = ${accountId}`.execute(transaction);
};

/** How each event is repeated. Repeating it twice changes nothing. */
const repeats: Readonly<Record<(typeof journaledEvents)[number], Repeat>> = {
  account_deleted: (transaction, { event, keys }) => deleteSealedAccount(transaction, keys, event),
  account_disabled: (transaction, { accountId }) => disableAccount(transaction, accountId),
  account_enabled: (transaction, { accountId }) => enableAccount(transaction, accountId),
  account_limit_changed: (transaction, { accountId, detail }) => {
    const limit = detail('max_cost_per_month');
    return setAccountLimit(transaction, {
      accountId,
      maxCostPerMonth: limit === '' ? undefined : BigInt(limit),
      mayRaise: true,
    });
  },
  account_token_removed: (transaction, { accountId, detail }) =>
    deleteAccountToken(transaction, { accountId, id: detail('token') }),
  client_blocked: (transaction, { clientId }) => blockClient(transaction, { clientId, by: undefined }),
  client_deleted: (transaction, { accountId, clientId }) =>
    accountId === '' ? deleteClient(transaction, clientId) : deleteOwnedClient(transaction, { accountId, clientId }),
  client_disapproved: (transaction, { clientId }) => disapproveClient(transaction, { clientId, by: undefined }),
  client_secret_replaced: async (transaction, { clientId }) => {
    await endPreviousSecrets(transaction, clientId);
    // The earlier secret must not work again, and the journal does not contain the later one. So the client gets a
    // random secret that is not shown, and needs a new one.
    await sql`
      update clients set secret_hash = ${hashSecret(makeSecret())} where id = ${clientId} and secret_hash is not null`.execute(
      transaction,
    );
  },
  client_secrets_ended: (transaction, { clientId }) => endPreviousSecrets(transaction, clientId),
  client_unblocked: (transaction, { clientId }) => unblockClient(transaction, { clientId, by: undefined }),
  grant_not_redeemed: revoke,
  grant_revoked: revoke,
  may_invite_changed: (transaction, { accountId, event }) =>
    setMayInvite(transaction, accountId, { mayInvite: event.detail['may_invite'] === true }),
  operator_removed: (transaction, { accountId }) => setOperator(transaction, accountId, false),
  password_changed: endAfterPassword,
  password_reset: endAfterPassword,
  provider_key_deleted: endProviderKey,
  provider_key_replaced: endProviderKey,
  // an earlier release did not note which code was used; then the report names the owner
  recovery_code_used: (transaction, { accountId, detail }) =>
    endRecoveryCode(transaction, { accountId, code: detail('code') }),
  // the journal does not have the new codes, and the earlier ones were ended
  recovery_codes_created: (transaction, { accountId, event }) =>
    sql`delete from recovery_codes where account_id = ${accountId} and created_at < ${event.at}::timestamptz`.execute(
      transaction,
    ),
  sealing_key_retired: (transaction, { detail }) =>
    sql`insert into retired_sealing_keys (id) values (${detail('key')}) on conflict do nothing`.execute(transaction),
};

/**
 * Leaves out the events that the restored database has in its audit log, because the backup was made after them and
 * before the batch. Such an event may have ended something that was replaced before the backup, such as a provider key.
 * If the event were repeated, the new provider key would end too.
 */
export async function listMissing(
  transaction: Database,
  events: readonly ReplayedEvent[],
): Promise<readonly ReplayedEvent[]> {
  if (events.length === 0) return [];
  // after a restore, other events may get the same numbers
  const { rows } = await sql<{ id: bigint }>`
    select id from audit_events
    join unnest(${formatArray(events.map(({ id }) => id))}::bigint[],
      ${formatArray(events.map(({ event }) => event))}::text[],
      ${formatArray(events.map(({ at }) => at))}::timestamptz[]) as replayed (id, event, at)
      using (id, event, at)`.execute(transaction);
  const present = new Set(rows.map(({ id }) => Number(id)));
  return events.filter(({ id }) => !present.has(id));
}

/** Repeats an event that the database has not seen. Does nothing for events that are not repeated. */
export async function replayEvent(transaction: Database, keys: AuditKeys, event: ReplayedEvent): Promise<void> {
  const kind = journaledEvents.find((one) => one === event.event);
  if (kind === undefined) return;
  await repeats[kind](transaction, {
    accountId: event.account_id ?? '',
    clientId: event.client_id ?? '',
    grantId: event.grant_id ?? '',
    detail: (name) => {
      const value = event.detail[name];
      return typeof value === 'string' ? value : '';
    },
    event,
    keys,
  });
}

async function endPreviousSecrets(transaction: Database, clientId: string): Promise<void> {
  await sql`delete from previous_client_secrets where client_id = ${clientId}`.execute(transaction);
}

/**
 * Deletes the account that an event of a deletion is about. The event does not have the id of the account. It has the
 * digests under which the events of the account were sealed.
 */
async function deleteSealedAccount(transaction: Database, keys: AuditKeys, event: ReplayedEvent): Promise<void> {
  const sealedAs = event.detail['sealed_as'];
  const digests = new Set(Array.isArray(sealedAs) ? sealedAs.map(String) : []);
  if (digests.size === 0) return;
  const { rows } = await sql<{ id: string }>`select id from accounts`.execute(transaction);
  const isDeleted = (id: string) => keys.some((key) => digests.has(digestAccount(key, id) ?? ''));
  for (const { id } of rows.filter((row) => isDeleted(row.id))) await deleteAccount(transaction, id);
}
