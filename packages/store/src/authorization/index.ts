export { isRegisteredOrigin } from '../is-registered-origin.js';
export {
  deleteIdentity,
  findAccountByIdentity,
  type Identity,
  insertIdentity,
  listIdentities,
  type NewIdentity,
} from './account-identities.js';
export {
  deleteAccountToken,
  deleteAccountTokens,
  findTokenHolder,
  insertAccountToken,
  type ListedToken,
  listAccountTokens,
  maxTokensOfAccount,
  type NewAccountToken,
  type TokenHolder,
  type TokenScope,
  tokenScopes,
} from './account-tokens.js';
export {
  type Account,
  disableAccount,
  findAccount,
  findAccountByEmail,
  insertAccount,
  listAccounts,
  lockAccount,
  lockPasswordHash,
  normalizeEmail,
  updatePasswordHash,
} from './accounts.js';
export {
  type AddressConfirmation,
  type AddressLink,
  confirmAddress,
  findAddressLink,
  insertAddressLink,
} from './address-links.js';
export {
  type Artifact,
  type ArtifactKey,
  consumeArtifact,
  deleteArtifact,
  findArtifact,
  findArtifactByUid,
  keepArtifact,
  lockArtifact,
  type NewArtifact,
  upsertArtifact,
} from './artifacts.js';
export { type AttemptLimit, type AttemptVerdict, clearAttempts, countAttempt, uncountAttempt } from './attempts.js';
export {
  type AuditEvent,
  type AuditEventKind,
  auditEventKinds,
  type EventQuery,
  type InstanceEvent,
  type InstanceEventQuery,
  insertAuditEvent,
  type ListedEvent,
  listAuditEvents,
  listClientsOfAccount,
  listInstanceEvents,
} from './audit-events.js';
export {
  type AppCodeUse,
  type AuthenticatorApp,
  confirmAuthenticatorApp,
  deleteAuthenticatorApp,
  findAuthenticatorApp,
  insertAuthenticatorApp,
  useAppCode,
} from './authenticator-apps.js';
export { changeGrant, type GrantChange } from './change-grant.js';
export { claimNoticeCheck, listNoticeCandidates, type NoticeCandidate, sendNotice } from './check-notices.js';
export { checkTables } from './check-tables.js';
export { type DocumentCopy, expireDocumentCopy, findDocumentCopy, storeClientDocument } from './client-documents.js';
export {
  claimLogoFetch,
  findPicture,
  type ListedLogo,
  listLogos,
  type Picture,
  type PictureType,
  storeLogo,
} from './client-logos.js';
export { approveClient, blockClient, disapproveClient, type StandingChange, unblockClient } from './client-standing.js';
export {
  type Client,
  type ClientProfile,
  deleteClient,
  findClient,
  insertClientProfile,
  listClients,
  listRedirectUris,
  type NewClient,
  touchClient,
  upsertClient,
} from './clients.js';
export { type ConsentDefaults, findConsentDefaults, updateConsentDefaults } from './consent-defaults.js';
export {
  type Delegated,
  type Delegation,
  delegateGrant,
  listAncestors,
  lockLive,
  maxDelegationDepth,
  maxLiveDelegations,
} from './delegate-grant.js';
export { deleteAccount } from './delete-account.js';
export {
  type DeviceCode,
  type DeviceDecision,
  decideDeviceCode,
  findDeviceCode,
  insertDeviceCode,
  type NewDeviceCode,
  pollDeviceCode,
} from './device-codes.js';
export { type ExportedPart, exportAccount } from './export-account.js';
export {
  findGrant,
  type Grant,
  holdGrant,
  insertGrant,
  listActiveGrants,
  markRedeemed,
  type NewGrant,
} from './grants.js';
export { insertMail, insertNotice, type NewMail, type NewNotice } from './insert-mail.js';
export {
  type AccountSummary,
  type ClientSummary,
  type InstanceFacts,
  listAccountSummaries,
  listClientSummaries,
  readInstanceFacts,
  type SearchPage,
} from './instance.js';
export {
  consumeInvitation,
  deleteInvitation,
  type Invitation,
  insertInvitation,
  isInvitationOpen,
  listInvitations,
  maxInvitationsOfAccount,
  type NewInvitation,
  setMayInvite,
} from './invitations.js';
export {
  type GrantsOfClient,
  type ListedGrant,
  listGrantedClients,
  listGrantsOfClient,
  listLiveGrants,
  listPastClients,
} from './list-grants.js';
export { listOpenRequests, type OpenRequests } from './list-open-requests.js';
export {
  type AppUsage,
  findAppUsage,
  type LedgerEntry,
  type LedgerPage,
  type LedgerQuery,
  type LedgerSettlement,
  listUsage,
} from './list-usage.js';
export {
  type ChosenNotice,
  chosenNotices,
  type MailDetails,
  type MailKind,
  mailKinds,
  type NoticeKind,
} from './mail-kinds.js';
export { findMailSettings, type MailSettings, updateMuted } from './mail-settings.js';
export {
  consumeOperatorLink,
  insertOperatorLink,
  isOperatorLinkOpen,
  listOperators,
  type NewOperatorLink,
  setOperator,
} from './operators.js';
export {
  type ClientUsage,
  deleteOwnedClient,
  endPreviousSecrets,
  findOwnedClient,
  insertOwnedClient,
  isPreviousClientSecret,
  listOwnedClients,
  maxClientsOfAccount,
  maxPreviousSecrets,
  type OwnedClient,
  type OwnedClientType,
  rotateClientSecret,
  updateOwnedClient,
} from './owned-clients.js';
export {
  deleteOwnerSession,
  deleteOwnerSessions,
  endOtherSessions,
  findOwnerSession,
  insertOwnerSession,
  type ListedSession,
  listOwnerSessions,
  type NewOwnerSession,
  type OwnerSession,
  type SessionDevice,
  type SessionsOfAccount,
} from './owner-sessions.js';
export {
  deletePasskey,
  findPasskey,
  insertPasskey,
  type ListedPasskey,
  listPasskeys,
  maxPasskeysOfAccount,
  type NewPasskey,
  type Passkey,
  recordPasskeyUse,
  renamePasskey,
} from './passkeys.js';
export {
  deletePasswordResets,
  findPasswordReset,
  insertPasswordReset,
  type NewPasswordReset,
  type PasswordReset,
  resetPassword,
} from './password-resets.js';
export {
  deleteProviderKey,
  listProviderKeys,
  type NewProviderKey,
  nextProviderKeyVersion,
  type ProviderKeySummary,
  upsertProviderKey,
} from './provider-keys.js';
export { recordUse, type Use } from './record-use.js';
export {
  consumeRecoveryCode,
  countRecoveryCodes,
  type RecoveryCode,
  replaceRecoveryCodes,
} from './recovery-codes.js';
export {
  type EndedAccess,
  type GrantRevocation,
  type RevocationReason,
  revokeGrant,
  revokeGrantsOfOwner,
} from './revoke-grant.js';
export { claimMails, type DueMail, deferMail, deleteMail } from './send-mails.js';
export {
  consumeSignInChallenge,
  findSignInChallenge,
  insertSignInChallenge,
  type NewSignInChallenge,
  type SignInChallenge,
} from './sign-in-challenges.js';
export { summarizeUsage, type UsageSum, type UsageSummary } from './summarize-usage.js';
export { updateLanguage } from './update-language.js';
export {
  type AccountLimit,
  type AccountLimitUpdate,
  findAccountLimit,
  type LimitsUpdate,
  setAccountLimit,
  updateGrantLimits,
} from './update-limits.js';
export { updateTimeZone } from './update-time-zone.js';
