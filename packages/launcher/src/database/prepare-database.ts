import { type Database, hashSecret, migrate, type MigrateOptions } from '@aipassport/store';
import { upsertClient } from '@aipassport/store/authorization';

/** The one client that may ask about tokens. */
export const proxyClientId = 'resource-proxy';

/**
 * Brings the schema up to date, and makes the proxy known to the authorization server under its present secret.
 *
 * @param proxyClientSecret SECRET: only its hash is stored
 * @returns the names of the migrations that were applied
 */
export async function prepareDatabase(
  db: Database,
  proxyClientSecret: string,
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const applied = await migrate(db, options);
  await upsertClient(db, {
    id: proxyClientId,
    name: 'Resource proxy',
    metadata: {
      client_name: 'Resource proxy',
      redirect_uris: [],
      response_types: [],
      grant_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    secretHash: hashSecret(proxyClientSecret),
    webOrigins: [],
    registeredBy: 'operator',
  });
  return applied;
}
