export { buildVerifier, matchesVerifier } from './database/build-verifier.js';
export { checkDatabase } from './database/check-database.js';
export { isDatabaseUnavailable, isSchemaMismatch } from './database/is-database-unavailable.js';
export { isStatementRefused } from './database/is-statement-refused.js';
export { listMissingSettings } from './database/list-missing-settings.js';
export { listServerRoles, type ServerRole } from './database/list-server-roles.js';
export { assertMigrated, type MigrateOptions, migrate, SchemaError } from './database/migrate.js';
export { type Database, type DatabaseOptions, openDatabase } from './database/open-database.js';
export { pingDatabase } from './database/ping-database.js';
export { type Durability, readDurability } from './database/read-durability.js';
export { prepareRoles, type Role, RoleError, type RoleVerifiers, roleKinds, roles } from './database/roles.js';
export { release } from './database/sql-files.js';
export {
  type DatabaseProblem,
  type DatabaseWait,
  findDatabaseProblem,
  whenDatabaseAnswers,
} from './database/when-database-answers.js';
export type { GrantUsage } from './grant-row.js';
export { hashSecret } from './hash-secret.js';
export { type ChargeCorrection, correctCharge } from './ledger/correct-charge.js';
export { dropLedgerBefore, type LedgerDrop } from './ledger/drop-ledger.js';
export { type LedgerPreparation, prepareLedger } from './ledger/prepare-ledger.js';
export type { LedgerProgress } from './ledger/row-ranges.js';
export { type LedgerResidue, verifyLedger } from './ledger/verify-ledger.js';
export { type OperatorResidue, verifyOperatorSpending } from './ledger/verify-operator-spending.js';
export { makeSecret } from './make-secret.js';
export type { SealedProviderKey } from './proxying/provider-keys.js';
export {
  listSealedKeys,
  type Resealing,
  type Retirement,
  resealProviderKey,
  retireSealingKeys,
  type SealedKeysPage,
  withSealingKeyRotation,
} from './sealing-key-rotation.js';
export { deleteExpired, listExpiringTables, type Removal } from './upkeep/delete-expired.js';
export { readUpkeep, type TableSize, type Upkeep } from './upkeep/read-upkeep.js';
export { type Retention, setRetention } from './upkeep/retention.js';
