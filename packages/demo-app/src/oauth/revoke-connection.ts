import * as oauth from 'openid-client';
import type { Connection } from './connection.js';
import type { OAuthClient } from './oauth-client.js';

/** Revokes the access (RFC 7009). This ends the whole grant, with every token that came from it. */
export async function revokeConnection(client: OAuthClient, connection: Connection): Promise<void> {
  const configuration = await client.getConfiguration();
  if (connection.refreshToken === undefined) {
    await oauth.tokenRevocation(configuration, connection.accessToken, { token_type_hint: 'access_token' });
  } else {
    await oauth.tokenRevocation(configuration, connection.refreshToken, { token_type_hint: 'refresh_token' });
  }
}
