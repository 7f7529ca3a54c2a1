export { isDatabaseUnavailable } from './database/is-database-unavailable.js';
export { isStatementRefused } from './database/is-statement-refused.js';
export { assertMigrated, migrate, SchemaError } from './database/migrate.js';
export { type Database, type DatabaseOptions, openDatabase } from './database/open-database.js';
export type { GrantUsage } from './grant-row.js';
export { pingDatabase } from './database/ping-database.js';
export { type Durability, readDurability } from './database/read-durability.js';
export { DatabaseRefusedError, type DatabaseWait, whenDatabaseAnswers } from './database/when-database-answers.js';
export { hashSecret } from './hash-secret.js';
export { createLedgerPartitions, dropLedgerBefore, type LedgerResidue, verifyLedger } from './ledger.js';
export { type OperatorResidue, verifyOperatorSpending } from './verify-operator-spending.js';
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
