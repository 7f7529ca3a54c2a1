import { ConfigurationError } from '@aipassport/contracts';
import { importFileKey } from './file-sealing-key.js';
import type { SealingJwk, SealingKey } from './sealing-key.js';
import type { TransitEngine } from './transit-engine.js';
import { createTransitKey } from './transit-sealing-key.js';

/** @throws ConfigurationError when the key is in a transit engine and `engine` is undefined */
export async function importSealingKey(
  jwk: SealingJwk,
  engine: Pick<TransitEngine, 'decrypt'> | undefined,
): Promise<SealingKey> {
  if (jwk.kty === 'OKP') return importFileKey(jwk);
  if (engine === undefined)
    throw new ConfigurationError(
      `configuration: SEALING_TRANSIT_URL: is missing; the sealing key ${jwk.kid} is in a transit engine`,
    );
  return createTransitKey(jwk, engine);
}
