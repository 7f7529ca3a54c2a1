export type { AccountHead } from './audit/account-heads.js';
export { proveAccountHeads, readAccountHead } from './audit/account-proofs.js';
export type { AuditFault } from './audit/audit-fault.js';
export { AuditLogChanged, type ChainState } from './audit/chain-state.js';
export { readSealing, restartSealing, type SealingReport } from './audit/read-sealing.js';
export { recordRefusals } from './audit/record-refusals.js';
export type { Refusal } from './audit/refusal.js';
export { RefusalCounts } from './audit/refusal-counts.js';
export { type RequestSource, withRequestSource } from './audit/request-source.js';
export { type AuditKey, type AuditKeys, type ChainEnd, digestAccount, nameAuditKey } from './audit/seal-codes.js';
export { type Sealing, type SealingStep, sealEvents } from './audit/seal-events.js';
export { exportHeadKeys, listHeads, readHead, type SignedHead } from './audit/signed-heads.js';
export { startRecordingRefusals } from './audit/start-recording-refusals.js';
export { type AccountVerification, verifyAccountEvents } from './audit/verify-account.js';
export { type AuditVerification, type ExpectedSeal, verifyEvents } from './audit/verify-events.js';
export { buildVerifier, matchesVerifier } from './database/build-verifier.js';
export { checkDatabase } from './database/check-database.js';
export { isDatabaseUnavailable, isSchemaMismatch } from './database/is-database-unavailable.js';
export { isStatementRefused } from './database/is-statement-refused.js';
export { listMissingSettings } from './database/list-missing-settings.js';
export { listServerRoles, type ServerRole } from './database/list-server-roles.js';
export { assertMigrated, type MigrateOptions, migrate, SchemaError } from './database/migrate.js';
export { type Database, openDatabase, openWatchedDatabase, type WatchedDatabase } from './database/open-database.js';
export { pingDatabase } from './database/ping-database.js';
export { readClock } from './database/read-clock.js';
export { readDurability } from './database/read-durability.js';
export { readInstance } from './database/read-instance.js';
export { reportWaiting, warnOfDatabase } from './database/report-database.js';
export { DatabaseRestored, restoredMessage } from './database/require-mark.js';
export { moveRestoreMark } from './database/restore-mark.js';
export { prepareRoles, type Role, type RoleVerifiers, roleKinds, roles } from './database/roles.js';
export { setOwnPassword } from './database/set-own-password.js';
export { release } from './database/sql-files.js';
export { isPasswordRefused } from './database/sql-state.js';
export { type RestoreWatch, watchRestoreMark } from './database/watch-restore-mark.js';
export {
  type DatabaseWait,
  findDatabaseProblem,
  whenDatabaseAnswers,
} from './database/when-database-answers.js';
export type { GrantUsage } from './grant-row.js';
export { hashSecret } from './hash-secret.js';
export { BucketFailed, type BucketKey, type BucketSettings } from './journal/bucket.js';
export { downloadJournal } from './journal/download-journal.js';
export { followBucketKey } from './journal/follow-bucket-key.js';
export {
  bucketPlace,
  directoryPlace,
  type JournalPlace,
  type JournalSettings,
  openJournalPlace,
  openRestoreMark,
  readBucketSettings,
} from './journal/journal-place.js';
export { readFirstNeededDay } from './journal/journal-position.js';
export { JournalWriter } from './journal/journal-writer.js';
export { type BucketReport, probeBucket } from './journal/probe-bucket.js';
export { JournalUnusable } from './journal/read-journal.js';
export { replayJournal } from './journal/replay-journal.js';
export type { ReplayedAccount, ReplayReport } from './journal/replay-report.js';
export { fileText, type StoredText } from './journal/stored-text.js';
export { type JournalWatch, watchJournal } from './journal/watch-journal.js';
export { correctCharge } from './ledger/correct-charge.js';
export { dropLedgerBefore } from './ledger/drop-ledger.js';
export { prepareLedger } from './ledger/prepare-ledger.js';
export { type ChargesQuery, type DailyCharges, readDailyCharges } from './ledger/read-daily-charges.js';
export type { LedgerProgress } from './ledger/row-ranges.js';
export { verifyLedger } from './ledger/verify-ledger.js';
export { verifyOperatorSpending } from './ledger/verify-operator-spending.js';
export { verifyUsage } from './ledger/verify-usage.js';
export { makeSecret } from './make-secret.js';
export type { SealedProviderKey } from './proxying/provider-keys.js';
export {
  isSealingKeyRetired,
  listSealedKeys,
  resealProviderKey,
  retireSealingKeys,
  withSealingKeyRotation,
} from './sealing-key-rotation.js';
export { addUpUsage } from './upkeep/add-up-usage.js';
export { deleteExpired, listExpiringTables, type Removal } from './upkeep/delete-expired.js';
export { readUpkeep, type TableSize, type Upkeep } from './upkeep/read-upkeep.js';
export { type Retention, setRetention } from './upkeep/retention.js';
