// The functions that the operator's commands share with the pages and the registration endpoint, so that the commands
// apply the same rules as the server.
export { formatInvitationLink } from './account/invitation-link.js';
export { findPasswordProblem } from './account/password-policy.js';
export { formatResetLink } from './account/password-reset.js';
export { createPasswords } from './account/passwords.js';
export { type KeyBinding, sealProviderKey } from './account/seal-provider-key.js';
export { parseIdentityProviders } from './identity/parse-identity-providers.js';
export { parseAuditKeys } from './keys/parse-audit-keys.js';
export { parseCookieKeys } from './keys/parse-cookie-keys.js';
export { parseSealingKey, type SealingKey } from './keys/parse-sealing-key.js';
export { parseIdTokenKeys, parseSigningKeys } from './keys/parse-signing-keys.js';
export { parseNewAccountLimit } from './limits/suggested-limits.js';
export { accessTokenLifetimeSeconds } from './oidc/lifetimes.js';
export { addOperatorClient } from './operator/add-client.js';
export {
  buildOperatorClient,
  type ClientDescription,
  type OperatorClientMetadata,
  requireOperatorClient,
} from './operator/build-client.js';
export { formatOperatorLink } from './operator/claim.js';
export { writeAuditLog } from './operator/export-audit-log.js';
export { createResetToken } from './operator/reset-link.js';
export { parseHttpsUrl } from './text/parse-https-url.js';
