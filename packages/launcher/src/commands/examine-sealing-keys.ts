import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseSealingJwks, type SealingJwk, type TransitEngine } from '@aipassport/resource-proxy/operating';
import { locateKeyFiles } from '../keys/key-files.js';
import { readKeyFile } from '../keys/key-json.js';
import { nameKeyPlace, proveSealingKey } from '../keys/transit-keys.js';
import { withTransitEngine } from '../keys/with-transit-engine.js';
import type { CommandContext } from './context.js';
import { listDeployedFiles } from './examine-keys.js';
import { type Finding, skip } from './finding.js';

/**
 * Checks that each sealing key unseals what is sealed to it. For a key in a transit engine, this needs a request to the
 * engine.
 */
export async function examineSealingKeys({ environment, variables }: CommandContext): Promise<readonly Finding[]> {
  const ofData = locateKeyFiles(path.resolve(environment.AIPASSPORT_DATA, 'keys')).resourceProxy.sealingPrivateKey;
  const file = listDeployedFiles(variables).length > 0 ? variables['SEALING_PRIVATE_KEY_FILE'] : ofData;
  if (!file) return [skip('sealing keys', ['SEALING_PRIVATE_KEY_FILE'], 'run `doctor` where the resource proxy runs')];
  if (!existsSync(file)) return []; // `examineKeys` reports a file that is missing
  try {
    const jwks = readKeyFile(file, parseSealingJwks);
    return await withTransitEngine(variables, (engine) => Promise.all(jwks.map((jwk) => examine(jwk, engine))));
  } catch (error) {
    return [fault(error)];
  }
}

async function examine(jwk: SealingJwk, engine: TransitEngine | undefined): Promise<Finding> {
  const place = jwk.kty === 'OKP' ? 'in its file' : `${nameKeyPlace(jwk)}, version ${jwk.transit.version}`;
  const name = `sealing key ${jwk.kid} (${place})`;
  try {
    await proveSealingKey(jwk, engine);
    return { ok: true, text: `${name}: unseals what is sealed to it` };
  } catch (error) {
    return fault(error, `${name}: `);
  }
}

function fault(error: unknown, prefix = ''): Finding {
  return { ok: false, text: `${prefix}${error instanceof Error ? error.message : String(error)}` };
}
