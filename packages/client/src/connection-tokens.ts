import type { TokenEndpointResponse } from 'oauth4webapi';

/** The tokens of one grant, and the granted access. The object can be stored as JSON, for instance in a session. */
export interface ConnectionTokens {
  /** SECRET: never logged. */
  readonly accessToken: string;
  /** Milliseconds since 1970. */
  readonly accessTokenExpiresAt: number;
  /** SECRET: never logged. A refresh token can be used once: each refresh returns the next one. */
  readonly refreshToken?: string;
  /** The granted scope. It may be less than the requested scope. */
  readonly scope: string;
  /** The identifier of the grant in the grant management API. */
  readonly grantId?: string;
  /** When the grant ends, in milliseconds since 1970. */
  readonly grantExpiresAt?: number;
}

/** The lifetime that is assumed for an access token if the response does not say how long the token is valid. */
const defaultLifetimeSeconds = 60;

/**
 * Reads the tokens from a response of the token endpoint.
 * @param before the tokens before this refresh. Values that the response leaves out are taken from them
 * (RFC 6749 section 6)
 */
export function readTokens(
  response: TokenEndpointResponse,
  nowMilliseconds: number,
  before?: ConnectionTokens,
): ConnectionTokens {
  const refreshToken = response.refresh_token ?? before?.refreshToken;
  const grantId = typeof response['grant_id'] === 'string' ? response['grant_id'] : before?.grantId;
  const grantExpiresAt = readGrantEnd(response) ?? before?.grantExpiresAt;
  return {
    accessToken: response.access_token,
    accessTokenExpiresAt: nowMilliseconds + (response.expires_in ?? defaultLifetimeSeconds) * 1_000,
    ...(refreshToken !== undefined && { refreshToken }),
    scope: response.scope ?? before?.scope ?? '',
    ...(grantId !== undefined && { grantId }),
    ...(grantExpiresAt !== undefined && { grantExpiresAt }),
  };
}

function readGrantEnd({ authorization_details: details }: TokenEndpointResponse): number | undefined {
  const end = details?.find(({ type }) => type === 'ai_access')?.['expires_at'];
  return typeof end === 'number' ? end * 1_000 : undefined;
}
