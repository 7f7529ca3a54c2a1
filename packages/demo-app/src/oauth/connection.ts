/** The access that an owner allowed this app, and its tokens. It is kept in the memory of this process only. */
export interface Connection {
  /** SECRET: never logged, never sent to the browser. */
  accessToken: string;
  accessTokenExpiresAt: Date;
  /** SECRET, like the access token. It changes with every use; undefined when the server issued none. */
  refreshToken: string | undefined;
  /** The granted scope, which may be less than what was asked for (RFC 6749 section 3.3). */
  scope: readonly string[];
  /** The renewal that is under way. A refresh token works once, so two renewals at a time could end the grant. */
  renewal: Promise<void> | undefined;
}

/** The part of openid-client's token response that this app reads. */
export interface TokenResponse {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
  readonly scope?: string | undefined;
  readonly expires_in?: number | undefined;
}

export function createConnection(tokens: TokenResponse, askedScope: readonly string[], now: Date): Connection {
  return {
    accessToken: tokens.access_token,
    accessTokenExpiresAt: readExpiry(tokens, now),
    refreshToken: tokens.refresh_token,
    // An absent scope means exactly the scope that was asked for (RFC 6749 section 5.1).
    scope: tokens.scope?.split(' ') ?? askedScope,
    renewal: undefined,
  };
}

/** Replaces the tokens with the tokens that a refresh returned. */
export function updateConnection(connection: Connection, tokens: TokenResponse, now: Date): void {
  connection.accessToken = tokens.access_token;
  connection.accessTokenExpiresAt = readExpiry(tokens, now);
  connection.refreshToken = tokens.refresh_token ?? connection.refreshToken;
  connection.scope = tokens.scope?.split(' ') ?? connection.scope;
}

function readExpiry(tokens: TokenResponse, now: Date): Date {
  return new Date(now.getTime() + (tokens.expires_in ?? 60) * 1_000);
}
