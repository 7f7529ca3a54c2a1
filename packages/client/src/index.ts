export {
  AccessDeniedError,
  AccessError,
  AccessExpiredError,
  AccessRevokedError,
  AuthorizationFailedError,
  LimitReachedError,
  type ReachedLimit,
  ScopeMissingError,
  UnknownCallbackError,
} from './access-error.js';
export type { AccessLimits, AccessRequest } from './access-request.js';
export { AiClient, type AuthorizationStart, type PendingAuthorization } from './ai-client.js';
export type { ClientSettings } from './client-settings.js';
export type { Connection, ConnectionOptions } from './connection.js';
export type { ConnectionTokens } from './connection-tokens.js';
export type { DeviceAuthorization } from './device-authorization.js';
