import path from 'node:path';
import { locateKeyFiles } from '../keys/key-files.js';
import type { CommandContext } from './context.js';
import { listDeployedFiles } from './examine-keys.js';
import { examineRoundTrip } from './examine-round-trip.js';
import { examineTls } from './examine-tls.js';
import { type Finding, skip } from './finding.js';

/**
 * Checks what clients depend on: the certificates at the public URLs, and that the resource proxy checks tokens of the
 * authorization server. Without a deployment, there is nothing to check. A check that cannot be made because a variable
 * is missing is reported, so that it does not look like success.
 */
export async function examinePublicSide({ variables, environment, now }: CommandContext): Promise<readonly Finding[]> {
  const { ISSUER: issuer, RESOURCE_PROXY_URL: resourceProxyUrl, SIGNING_KEYS_FILE: file } = variables;
  const isDeployed = listDeployedFiles(variables).length > 0;
  if (!isDeployed && environment.DATABASE_URL === undefined && !issuer && !resourceProxyUrl) return [];
  const missing = [...(issuer ? [] : ['ISSUER']), ...(resourceProxyUrl ? [] : ['RESOURCE_PROXY_URL'])];
  const urls = [issuer, resourceProxyUrl].flatMap((url) => url || []);
  const certificates = await examineTls(urls, now());
  if (!issuer || !resourceProxyUrl) return [...certificates, skip('TLS', missing), skip('tokens', missing)];
  const ofData = locateKeyFiles(path.resolve(environment.AIPASSPORT_DATA, 'keys')).authorizationServer.signingKeys;
  const signingKeysFile = isDeployed ? file : ofData;
  const tokens = signingKeysFile
    ? await examineRoundTrip({ issuer, resourceProxyUrl, signingKeysFile, now: now() })
    : skip('tokens', ['SIGNING_KEYS_FILE'], 'run `doctor` where the authorization server runs');
  return [...certificates, tokens];
}
