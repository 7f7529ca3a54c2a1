export { isRegisteredOrigin } from '../is-registered-origin.js';
export { type Admission, admitRequest, returnRequest } from './admit-request.js';
export { findClientOrigins } from './client-origins.js';
export { findGrantStatus, type GrantStatus, listEndedGrants } from './grants.js';
export { type ListeningOptions, listenForRevocations, type RevocationListener } from './listen-for-revocations.js';
export { findProviderKey, type SealedProviderKey, touchProviderKey } from './provider-keys.js';
