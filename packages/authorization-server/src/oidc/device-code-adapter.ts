import { type Database, hashSecret } from '@aipassport/store';
import { insertDeviceCode } from '@aipassport/store/authorization';
import type { Adapter } from 'oidc-provider';
import type { Configuration } from '../configuration.js';
import { hashUserCode } from '../device/user-codes.js';
import { createArtifactAdapter } from './artifact-adapter.js';
import { currentDatabase } from './current-database.js';
import { oauthError } from './describe-oauth-denial.js';
import { orUnavailable } from './errors.js';
import { deviceCodeLifetimeSeconds, pollingIntervalSeconds } from './lifetimes.js';

/**
 * How long the row of a code is kept after the code has expired, so that its terminal gets the error `expired_token`.
 */
const keptSeconds = deviceCodeLifetimeSeconds;

/**
 * Stores device codes (RFC 8628). oidc-provider stores each code once, when the terminal asks for it. The user code is
 * stored as a hash. Our own pages store the owner's decision.
 */
export function createDeviceCodeAdapter(
  pool: Database,
  { cookieKeys, resourceProxyUrl }: Pick<Configuration, 'cookieKeys' | 'resourceProxyUrl'>,
): Adapter {
  return {
    ...createArtifactAdapter(pool, 'DeviceCode', resourceProxyUrl),
    async upsert(id, { jti: _jti, userCode, ...payload }, expiresInSeconds = deviceCodeLifetimeSeconds) {
      const [userCodeHash = ''] = hashUserCode({ cookieKeys }, String(userCode));
      const code = { idHash: hashSecret(id), payload, userCodeHash, expiresInSeconds, keptSeconds };
      const intervalSeconds = pollingIntervalSeconds;
      if (!(await orUnavailable(insertDeviceCode(currentDatabase(pool), { ...code, intervalSeconds }))))
        throw oauthError({ reason: 'user_code_taken' });
    },
  };
}
