// Shared with the operator's commands, so that there is one way to open a provider key.
export type { SealingJwk } from './provider-keys/sealing-key.js';
export { importSealingKey, parseSealingJwks } from './provider-keys/sealing-key.js';
export { findHeaderMismatch, unsealProviderKey } from './provider-keys/unseal-provider-key.js';
