// What the operator's commands share with the pages and the registration endpoint: one rule, two doors.
export { findPasswordProblem } from './account/password-policy.js';
export { createPasswords } from './account/passwords.js';
export { listWebOrigins } from './oidc/list-web-origins.js';
export { requireAcceptableClient } from './oidc/require-acceptable-client.js';
