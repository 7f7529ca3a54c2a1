import type { AuditEventKind } from '../authorization/audit-events.js';

/**
 * The events that `restored --journal` repeats in a restored database. Most of them ended or limited something.
 * Some, such as `account_enabled`, allowed something again.
 */
export const journaledEvents = [
  'account_deleted',
  'account_disabled',
  'account_enabled',
  'account_limit_changed',
  'account_token_removed',
  'client_blocked',
  'client_deleted',
  'client_disapproved',
  'client_secret_replaced',
  'client_secrets_ended',
  'client_unblocked',
  'grant_not_redeemed',
  'grant_revoked',
  'may_invite_changed',
  'operator_removed',
  'password_changed',
  'password_reset',
  'provider_key_deleted',
  'provider_key_replaced',
  'recovery_code_used',
  'recovery_codes_created',
  'sealing_key_retired',
] as const satisfies readonly AuditEventKind[];

/** Events after which something else of the same grant is written: its terms, or its refresh tokens. */
export const termsEvents = ['grant_changed', 'limits_changed'] as const satisfies readonly AuditEventKind[];
export const tokenEvents = ['token_issued'] as const satisfies readonly AuditEventKind[];

/** How an account signs in. A journal has no passwords, so the operator is told whose sign-in is as in the backup. */
export const signInEvents = [
  'authenticator_app_added',
  'authenticator_app_removed',
  'email_changed',
  'identity_removed',
  'passkey_removed',
  'password_changed',
  'password_reset',
  'recovery_code_used',
  'recovery_codes_created',
] as const satisfies readonly AuditEventKind[];
