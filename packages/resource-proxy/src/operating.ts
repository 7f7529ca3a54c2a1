// What the operator's commands share with this server: one way to open a provider key.
export type { SealingJwk } from './provider-keys/sealing-key.js';
export { importSealingKey, parseSealingJwks } from './provider-keys/sealing-key.js';
export { findHeaderMismatch, unsealProviderKey } from './provider-keys/unseal-provider-key.js';
