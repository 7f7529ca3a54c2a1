export { isRegisteredOrigin } from '../is-registered-origin.js';
export type { CutOff } from '../ledger/cut-off.js';
export { rootOf } from '../root-of.js';
export type { KeyTestVerdict } from '../schema.js';
export type { Admission, ExhaustedBudget } from './admission.js';
export { type AdmissionRequest, admitRequests, LeaseLostError, type OperatorKeys } from './admit-requests.js';
export {
  claimBackgroundResponses,
  deleteBackgroundResponse,
  findBackgroundResponse,
  keepInBackground,
  type OpenBackgroundResponse,
} from './background-responses.js';
export { checkAdmission } from './check-admission.js';
export { findClientOrigins } from './client-origins.js';
export { addToConversation, closeTurn, openTurn, type Turn } from './conversations.js';
export {
  findGrantStatus,
  findGrantStatusOnce,
  type GrantStatus,
  listEndedGrants,
} from './grants.js';
export { claimIdempotencyKeys, type IdempotencyKey, releaseIdempotencyKeys } from './idempotency-keys.js';
export { type KeyTest, noteKeyTest, takeKeyTests } from './key-tests.js';
export { type GrantState, listGrantStates } from './list-grant-states.js';
export { listenForRevocations } from './listen-for-revocations.js';
export { markSimulated } from './mark-simulated.js';
export {
  clearKeyRefusals,
  findProviderKey,
  findSpareKey,
  noteKeyRefusals,
  type SealedProviderKey,
  touchProviderKey,
} from './provider-keys.js';
export { type AccountingState, readAccounting } from './read-accounting.js';
export {
  clearOperatorKeyRefusal,
  endLease,
  insertReplica,
  listOpenReservations,
  noteOperatorKeyRefusal,
  type OperatorKeySource,
  type ReplicaReport,
  renewLease,
  settleDeadReplicas,
} from './replicas.js';
export { type SettledRequests, type Settlement, settleRequests } from './settle-requests.js';
export {
  deleteStoredObject,
  type FoundObject,
  findStoredObjects,
  listStoredIds,
  recordStoredObjects,
  type StoredKind,
  type StoredObject,
} from './stored-objects.js';
export { takeStateRequest } from './take-state-request.js';
export { watchClock } from './watch-clock.js';
