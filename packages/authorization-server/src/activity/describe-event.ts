import type { AuditEventKind, ListedEvent, RevocationReason } from '@aipassport/store/authorization';
import type { FixedId } from '../texts/texts.js';

/**
 * The groups by which owners filter events. `all` leaves out the events of tokens, because there are so many of them
 * that they would hide the other events.
 */
export const eventGroups = ['all', 'signIn', 'apps', 'keys', 'account', 'tokens'] as const;
export type EventGroup = (typeof eventGroups)[number];

interface EventWords {
  readonly group: Exclude<EventGroup, 'all'>;
  readonly text: FixedId;
}

const signIn = (text: FixedId): EventWords => ({ group: 'signIn', text });
const apps = (text: FixedId): EventWords => ({ group: 'apps', text });
const keys = (text: FixedId): EventWords => ({ group: 'keys', text });
const account = (text: FixedId): EventWords => ({ group: 'account', text });

/** The words for each kind of event. A new kind does not compile without them. */
const words: Readonly<Record<AuditEventKind, EventWords>> = {
  account_created: signIn('events.accountCreated'),
  account_deleted: signIn('events.accountDeleted'),
  account_disabled: signIn('events.accountDisabled'),
  account_enabled: signIn('operator.eventEnabled'),
  account_limit_changed: account('events.accountLimitChanged'),
  account_token_created: signIn('events.accountTokenCreated'),
  account_token_removed: signIn('events.accountTokenRemoved'),
  account_operator_cap_changed: account('operator.eventAccountCap'),
  activity_exported: account('events.activityExported'),
  audit_log_exported: account('operator.eventAuditExported'),
  audit_log_read: account('operator.eventAuditRead'),
  audit_sealing_restarted: account('operator.eventSealingRestarted'),
  authenticator_app_added: signIn('events.authenticatorAdded'),
  authenticator_app_removed: signIn('events.authenticatorRemoved'),
  backup_restored: account('operator.eventBackupRestored'),
  charge_corrected: apps('events.chargeCorrected'),
  client_changed: apps('events.clientChanged'),
  client_approved: apps('operator.eventApproved'),
  client_authentication_failed: apps('operator.eventClientAuthentication'),
  client_blocked: apps('operator.eventBlocked'),
  client_deleted: apps('events.clientDeleted'),
  client_disapproved: apps('operator.eventDisapproved'),
  client_registered: apps('events.clientRegistered'),
  client_secret_replaced: apps('events.clientSecretReplaced'),
  client_secrets_ended: apps('events.clientSecretsEnded'),
  client_unblocked: apps('operator.eventUnblocked'),
  consent_denied: apps('events.consentDenied'),
  consent_given: apps('events.consentGiven'),
  data_exported: account('events.dataExported'),
  data_read: account('operator.eventDataRead'),
  database_migrated: account('operator.eventMigrated'),
  grant_changed: apps('events.grantChanged'),
  grant_delegated: apps('events.grantDelegated'),
  grant_not_redeemed: apps('events.grantNotRedeemed'),
  grant_revoked: apps('events.removed'),
  identity_connected: signIn('events.identityConnected'),
  defaults_changed: account('events.defaultsChanged'),
  identity_removed: signIn('events.identityRemoved'),
  invitation_created: account('events.invitationCreated'),
  invitation_used: account('events.invitationUsed'),
  invitation_withdrawn: account('events.invitationWithdrawn'),
  ledger_month_dropped: account('operator.eventMonthDropped'),
  limits_changed: apps('events.limitsChanged'),
  may_invite_changed: account('events.mayInviteChanged'),
  operator_added: account('operator.eventAdded'),
  operator_caps_changed: account('operator.eventCaps'),
  operator_link_created: account('operator.eventLinkCreated'),
  operator_removed: account('operator.eventRemoved'),
  passkey_added: signIn('events.passkeyAdded'),
  passkey_removed: signIn('events.passkeyRemoved'),
  notices_changed: account('events.noticesChanged'),
  password_changed: signIn('events.passwordChanged'),
  password_reset: signIn('events.passwordReset'),
  email_changed: signIn('events.emailChanged'),
  email_confirmed: signIn('events.emailConfirmed'),
  password_reset_link_created: signIn('events.resetLinkCreated'),
  password_reset_link_sent: signIn('events.resetLinkSent'),
  provider_key_added: keys('events.keyAdded'),
  provider_key_deleted: keys('events.keyDeleted'),
  provider_key_put_first: keys('events.keyPutFirst'),
  provider_key_replaced: keys('events.keyReplaced'),
  recovery_code_used: signIn('events.recoveryCodeUsed'),
  recovery_codes_created: signIn('events.recoveryCodesCreated'),
  request_refused: apps('events.requestRefused'),
  retention_changed: account('operator.eventRetention'),
  sealing_key_retired: keys('events.sealingKeyRetired'),
  secret_rotated: keys('operator.eventSecretRotated'),
  secrets_made: keys('operator.eventSecretsMade'),
  sessions_ended: signIn('events.sessionsEnded'),
  sign_in_limited: signIn('events.signInLimited'),
  sign_in_refused: signIn('events.signInRefused'),
  signed_in: signIn('events.signedIn'),
  signed_out: signIn('events.signedOut'),
  time_zone_changed: account('events.timeZoneChanged'),
  token_issued: { group: 'tokens', text: 'events.tokenIssued' },
};

/** The texts for the reasons of a revocation. */
const removals: Readonly<Record<RevocationReason, FixedId>> = {
  owner: 'events.removedByYou',
  replaced: 'events.replaced',
  client: 'events.removedByApp',
  code_replay: 'events.removedForCode',
  refresh_token_reuse: 'events.removedForToken',
  account_disabled: 'events.removedWithAccount',
  client_deleted: 'events.removedWithApp',
  parent: 'events.removedWithParent',
  operator: 'events.removedByOperator',
};

export function describeEvent({ kind, detail }: Pick<ListedEvent, 'kind' | 'detail'>): FixedId {
  if (kind === undefined) return 'events.other';
  if (kind === 'client_changed' && detail['redirect_uris_changed'] === true) return 'events.clientRedirectsChanged';
  // the owner's own export has no `by`
  if (kind === 'data_exported' && detail['by'] !== undefined) return 'events.dataExportedByOperator';
  if (kind === 'grant_revoked') return findRemoval(String(detail['reason'])) ?? words[kind].text;
  return words[kind].text;
}

/** The texts for operators, where the text for the account's owner says “you” or “your”. */
const operatorTexts: Readonly<Partial<Record<FixedId, FixedId>>> = {
  'events.clientChanged': 'operator.eventClientChanged',
  'events.clientRedirectsChanged': 'operator.eventRedirectsChanged',
  'events.clientSecretReplaced': 'operator.eventSecretReplaced',
  'events.clientSecretsEnded': 'operator.eventSecretsEnded',
  'events.consentDenied': 'operator.eventConsentDenied',
  'events.consentGiven': 'operator.eventConsentGiven',
  'events.dataExported': 'operator.eventDataExported',
  'events.removedByYou': 'operator.eventRemovedByOwner',
  'events.removedWithAccount': 'operator.eventRemovedWithAccount',
};

/** The text for an event of any account, as operators read it. */
export function describeForOperators(event: Pick<ListedEvent, 'kind' | 'detail'>): FixedId {
  const text = describeEvent(event);
  return operatorTexts[text] ?? text;
}

/** @returns undefined for a reason of another release */
function findRemoval(reason: string): FixedId | undefined {
  return Object.hasOwn(removals, reason) ? removals[reason as RevocationReason] : undefined; // `hasOwn` checks the type
}

export function listKinds(group: EventGroup): readonly AuditEventKind[] {
  const all = Object.entries(words) as readonly (readonly [AuditEventKind, EventWords])[]; // a constant object
  return all.filter(([, { group: own }]) => (group === 'all' ? own !== 'tokens' : own === group)).map(([kind]) => kind);
}
