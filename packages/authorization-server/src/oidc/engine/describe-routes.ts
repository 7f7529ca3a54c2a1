import type { Configuration } from 'oidc-provider';
import { paths } from '../../endpoints.js';

/**
 * The paths of oidc-provider's endpoints. oidc-provider derives the paths of its other endpoints from these.
 *
 * Assumption: an interaction is resumed below the path of the authorization endpoint, at its uid.
 * Assumption: a logout is confirmed and ends below the path of the logout endpoint, at /confirm and /success.
 * Assumption: verification_uri is the path of code_verification, and verification_uri_complete adds user_code.
 */
export function describeRoutes(): NonNullable<Configuration['routes']> {
  return {
    authorization: paths.authorization,
    token: paths.token,
    introspection: paths.introspection,
    revocation: paths.revocation,
    registration: paths.registration,
    jwks: paths.jwks,
    end_session: paths.endSession,
    pushed_authorization_request: paths.pushedAuthorizationRequest,
    device_authorization: paths.deviceAuthorization,
    code_verification: paths.device,
  };
}
