export { isRegisteredOrigin } from '../is-registered-origin.js';
export type { CutOff } from '../ledger/cut-off.js';
export {
  deleteIdentity,
  findAccountByIdentity,
  insertIdentity,
  type ListedIdentity,
  listIdentities,
} from './account-identities.js';
export { type AccountStanding, findAccountStanding } from './account-standing.js';
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
  findAccount,
  findAccountByEmail,
  insertAccount,
  listAccounts,
  lockAccount,
  lockEnabledAccount,
  lockPasswordHash,
  normalizeEmail,
  updatePasswordHash,
} from './accounts.js';
export { type AdminScope, adminScopes, insertClientAdminScopes } from './admin-scopes.js';
export {
  type Artifact,
  type ArtifactKey,
  consumeArtifact,
  deleteArtifact,
  deleteArtifactsOf,
  findArtifact,
  findArtifactByUid,
  keepArtifact,
  lockArtifact,
  upsertArtifact,
} from './artifacts.js';
export { type AttemptLimit, clearAttempts, countAttempt, uncountAttempt } from './attempts.js';
export {
  type AuditEvent,
  type AuditEventKind,
  auditEventKinds,
  type EventQuery,
  hasAuditLog,
  type InstanceEvent,
  type InstanceEventQuery,
  insertAuditEvent,
  type ListedEvent,
  listAuditEvents,
  listClientsOfAccount,
  listInstanceEvents,
} from './audit-events.js';
export {
  confirmAuthenticatorApp,
  deleteAuthenticatorApp,
  findAuthenticatorApp,
  insertAuthenticatorApp,
  useAppCode,
} from './authenticator-apps.js';
export { changeGrant } from './change-grant.js';
export { claimNoticeCheck, listNoticeCandidates, sendNotice } from './check-notices.js';
export { checkTables } from './check-tables.js';
export { type DocumentCopy, expireDocumentCopy, findDocumentCopy, storeClientDocument } from './client-documents.js';
export { type ClientIdentity, isVouchedFor } from './client-identity.js';
export {
  claimLogoFetch,
  findPicture,
  type ListedLogo,
  listLogos,
  type Picture,
  type PictureType,
  storeLogo,
} from './client-logos.js';
export type { ManagedClientKey, OwnedClientKey } from './client-manager.js';
export { endPreviousSecrets, isPreviousClientSecret, rotateClientSecret } from './client-secrets.js';
export { approveClient, blockClient, disapproveClient, holdClient, unblockClient } from './client-standing.js';
export type { ClientUsage } from './client-usage.js';
export {
  type Client,
  type ClientProfile,
  deleteClient,
  findClient,
  identifyClient,
  insertClientProfile,
  listClients,
  listRedirectUris,
  lockClient,
  type NewClient,
  touchClient,
  upsertClient,
} from './clients.js';
export {
  changeEmail,
  confirmEmail,
  findConfirmationLink,
  insertConfirmationLink,
} from './confirmation-links.js';
export {
  type ConsentDefaults,
  type ConsentDefaultsChange,
  findConsentDefaults,
  updateConsentDefaults,
} from './consent-defaults.js';
export {
  type Delegated,
  delegateGrant,
  listAncestors,
  lockLive,
  maxDelegationDepth,
  maxLiveDelegations,
} from './delegate-grant.js';
export { deleteAccount, deleteReplaceableAccount } from './delete-account.js';
export {
  type DeviceCode,
  decideDeviceCode,
  findDeviceCode,
  insertDeviceCode,
  pollDeviceCode,
} from './device-codes.js';
export { disableAccount, disableReplaceableAccount, enableAccount } from './disable-account.js';
export { type EndedAfterRestore, endRestoredAccess } from './end-restored-access.js';
export { type ExistingAccess, findExistingAccess } from './existing-access.js';
export { exportAccount } from './export-account.js';
export {
  findGrant,
  type Grant,
  holdGrant,
  insertGrant,
  listActiveGrants,
  markRedeemed,
  type NewGrant,
} from './grants.js';
export { insertMail, insertNotice } from './insert-mail.js';
export {
  type AccountSummary,
  type ClientSummary,
  type InstanceFacts,
  listAccountSummaries,
  listClientSummaries,
  readInstanceFacts,
} from './instance.js';
export {
  consumeInvitation,
  deleteInvitation,
  type Invitation,
  insertInvitation,
  isInvitationOpen,
  isInvitationPosition,
  listInvitations,
  maxInvitationsOfAccount,
  nameInvitation,
  setMayInvite,
} from './invitations.js';
export { type GrantQuery, listAllGrants } from './list-all-grants.js';
export {
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
  type LedgerSettlement,
  listUsage,
  parseUsagePosition,
} from './list-usage.js';
export { listUsageMonths, type UsageMonth } from './list-usage-months.js';
export {
  type ChosenNotice,
  chosenNotices,
  type MailDetails,
  type MailKind,
  mailKinds,
  type NoticeKind,
} from './mail-kinds.js';
export { findMailSettings, updateMuted } from './mail-settings.js';
export { insertOperatorClient, type NewOperatorClient, replaceOperatorClient } from './operator-clients.js';
export {
  findAccountOperatorCap,
  listOperatorKeys,
  lockOperatorCaps,
  type OperatorCaps,
  type OperatorKeyState,
  type OperatorSpending,
  readOperatorCaps,
  readOperatorSpending,
  setAccountOperatorCap,
  setOperatorCaps,
} from './operator-keys.js';
export {
  consumeOperatorLink,
  insertOperatorLink,
  isOperatorLinkOpen,
  listOperators,
  removeReplaceableOperator,
  setOperator,
} from './operators.js';
export { findOtherAppsCost, type OtherAppsCost } from './other-apps.js';
export {
  deleteOwnedClient,
  findOwnedClient,
  insertOwnedClient,
  listOwnedClients,
  maxClientsOfAccount,
  type OwnedClient,
  type OwnedClientType,
  updateManagedClient,
} from './owned-clients.js';
export {
  deleteOwnerSession,
  deleteOwnerSessions,
  endOtherSessions,
  findOwnerSession,
  insertOwnerSession,
  type ListedSession,
  listOwnerSessions,
  type OwnerSession,
  type SessionDevice,
} from './owner-sessions.js';
export {
  deletePasskey,
  findPasskey,
  insertPasskey,
  type ListedPasskey,
  listPasskeys,
  type NewPasskey,
  type Passkey,
  recordPasskeyUse,
  renamePasskey,
} from './passkeys.js';
export {
  deletePasswordResets,
  findPasswordReset,
  insertPasswordReset,
  resetPassword,
} from './password-resets.js';
export { insertKeyTest, nameProviderKey, requestKeyTest } from './provider-key-tests.js';
export {
  deleteProviderKey,
  findListedKey,
  listProviderKeys,
  nextProviderKeyVersion,
  type ProviderKeySummary,
  upsertProviderKey,
} from './provider-keys.js';
export { recordNewAccount } from './record-new-account.js';
export { recordUse, type Use } from './record-use.js';
export {
  consumeRecoveryCode,
  markCodesSaved,
  markCodesUnsaved,
  type RecoveryCodes,
  replaceRecoveryCodes,
  summarizeRecoveryCodes,
} from './recovery-codes.js';
export { endEarlierSecrets, replaceClientSecret } from './replace-client-secret.js';
export { listRunningProxies, type RunningProxies } from './replica-settings.js';
export {
  type EndedAccess,
  type GrantRevocation,
  type OwnersAccess,
  type RevocationReason,
  revokeGrant,
  revokeGrantsForOperator,
  revokeGrantsOfOwner,
  revokeReplacedGrants,
} from './revoke-grant.js';
export { claimMails, type DueMail, deferMail, deleteMail } from './send-mails.js';
export {
  consumeSignInChallenge,
  findSignInChallenge,
  insertSignInChallenge,
  type NewSignInChallenge,
} from './sign-in-challenges.js';
export {
  deleteSpareKey,
  findSpareKey,
  insertSpareKey,
  listSpareKeys,
  maxSpareKeys,
  nameSpareKey,
  promoteSpareKey,
  requestSpareKeyTest,
} from './spare-keys.js';
export { type InstanceUsage, type KeyOwner, summarizeInstance } from './summarize-instance.js';
export {
  summarizeOwnKeys,
  summarizeUsage,
  type UsageOfClient,
  type UsageSum,
  type UsageSummary,
} from './summarize-usage.js';
export { findLanguage, updateLanguage } from './update-language.js';
export {
  type AccountLimit,
  findAccountLimit,
  setAccountLimit,
  updateGrantLimits,
} from './update-limits.js';
export { setFirstTimeZone, updateTimeZone } from './update-time-zone.js';
