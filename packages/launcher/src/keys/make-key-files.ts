import { existsSync } from 'node:fs';
import { parseSealingJwks } from '@aipassport/resource-proxy/operating';
import { makeSecret } from '@aipassport/store';
import type { JWK } from 'jose';
import type { KeyFiles } from './key-files.js';
import { formatKeyJson, readKeyFile } from './key-json.js';
import { makeIdTokenKey, makeSealingKey, makeSigningKey, publicHalf } from './make-keys.js';
import { writeSecretFile } from './write-secret-file.js';

/**
 * Makes the missing key files and changes no existing one.
 *
 * @param now its month becomes part of the sealing key's name
 * @returns the files that were made
 * @throws when the private sealing key is missing and its public key exists: a new key could not open the provider keys
 * that were sealed to the old sealing key
 */
export async function makeKeyFiles(files: KeyFiles, now: Date): Promise<readonly string[]> {
  const { authorizationServer, audit, resourceProxy } = files;
  const makers: readonly (readonly [string, () => Promise<string> | string])[] = [
    [authorizationServer.signingKeys, async () => formatKeyJson({ keys: [await makeSigningKey()] })],
    [authorizationServer.idTokenKeys, async () => formatKeyJson({ keys: [await makeIdTokenKey()] })],
    [authorizationServer.cookieKeys, () => JSON.stringify([makeSecret()])],
    [audit.keys, () => JSON.stringify([makeSecret()])],
    [
      resourceProxy.sealingPrivateKey,
      async () => formatKeyJson(await makeFirstSealingKey(authorizationServer.sealingPublicKey, now)),
    ],
    [authorizationServer.sealingPublicKey, () => formatKeyJson(readPublicHalf(resourceProxy.sealingPrivateKey))],
    [resourceProxy.clientSecret, makeSecret],
  ];
  const made: string[] = [];
  for (const [file, make] of makers) {
    if (existsSync(file)) continue;
    if (writeSecretFile(file, await make())) made.push(file);
  }
  return made;
}

/** @throws when a public key exists and its private key does not */
async function makeFirstSealingKey(publicKeyFile: string, now: Date): Promise<JWK> {
  if (existsSync(publicKeyFile))
    throw new Error(
      `The private sealing key is missing, and its public key is at ${publicKeyFile}. Restore the private one from your backup: without it, no API key that was stored can be used. To start anew, and have every owner enter their keys again, delete the public one too.`,
    );
  return makeSealingKey(now);
}

/**
 * @returns the public key of the private key in the file; during a rotation, the public key of the newest private key
 */
function readPublicHalf(privateKeyFile: string): JWK {
  const [newest] = readKeyFile(privateKeyFile, parseSealingJwks);
  return publicHalf(newest);
}
