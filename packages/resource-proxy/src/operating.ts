// Shared with the operator's commands, so that there is one way to open a provider key.
export { importSealingKey } from './provider-keys/import-sealing-key.js';
export {
  type FileJwk,
  isTransitPath,
  parseSealingJwks,
  type SealingJwk,
  type TransitJwk,
  type TransitPlace,
  TransitUnavailable,
} from './provider-keys/sealing-key.js';
export { TransitEngine } from './provider-keys/transit-engine.js';
export { readTransitSettings, transitVariables } from './provider-keys/transit-settings.js';
export { findHeaderMismatch } from './provider-keys/unsealed-key.js';
