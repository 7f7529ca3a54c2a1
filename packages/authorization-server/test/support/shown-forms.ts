/**
 * The forms that replace or end what their page showed. Each form sends a hash or the identifiers of what was shown. If
 * that has changed since, nothing is done, and the page is shown again.
 */
export const shownBy = {
  '/account/developer/clients/{client_id}/edit': 'shown',
  '/account/developer/clients/{client_id}/end-secrets': 'shown',
  '/account/developer/clients/{client_id}/secret': 'shown',
  '/account/grants/{grant_id}/limits': 'shown',
  '/account/keys': 'shown_key',
  '/account/keys/{upstream}/name': 'shown',
  '/account/keys/{upstream}/delete': 'shown',
  '/account/keys/spare/{key_id}/name': 'shown',
  '/account/keys/spare/{key_id}/first': 'shown',
  '/account/keys/spare/{key_id}/delete': 'shown',
  '/account/identities/{provider}/remove': 'shown',
  '/account/passkeys/{passkey_id}/name': 'shown',
  '/account/authenticator/remove': 'shown',
  '/account/recovery-codes': 'shown',
  '/account/email/notices': 'shown',
  '/account/email/change': 'shown',
  '/account/settings/defaults': 'shown',
  '/account/settings/limit': 'shown',
  '/account/settings/time-zone': 'shown',
  '/account/settings/language': 'shown',
  '/operator/accounts/{account_id}/cap': 'shown',
  '/operator/change': 'shown',
  '/operator/keys/caps': 'shown',
  '/interaction/{uid}/consent': 'request_hash',
  '/device/{code}/consent': 'request_hash',
} as const;

export type ShownForm = keyof typeof shownBy;
