export { checkDatabase } from './database/check-database.js';
export { isDatabaseUnavailable, isSchemaMismatch } from './database/is-database-unavailable.js';
export { listMissingSettings } from './database/list-missing-settings.js';
export { assertMigrated, migrate, SchemaError } from './database/migrate.js';
export { type Database, type DatabaseOptions, openDatabase } from './database/open-database.js';
export type { GrantUsage } from './grant-row.js';
export { pingDatabase } from './database/ping-database.js';
export { type Durability, readDurability } from './database/read-durability.js';
export {
  type DatabaseProblem,
  type DatabaseWait,
  findDatabaseProblem,
  whenDatabaseAnswers,
} from './database/when-database-answers.js';
export { hashSecret } from './hash-secret.js';
export { createLedgerPartitions, dropLedgerBefore, type LedgerResidue, verifyLedger } from './ledger.js';
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
