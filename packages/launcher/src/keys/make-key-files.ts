import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { KeyFiles } from './key-files.js';
import { writeSecretFile } from './write-secret-file.js';

/**
 * Makes whatever key file is missing, and leaves what is there as it is.
 *
 * @param now names the sealing key
 * @returns the files that were made
 * @throws when half of the sealing pair is lost: a new one could not open what was sealed to the old
 */
export async function makeKeyFiles(files: KeyFiles, now: Date): Promise<readonly string[]> {
  const { authorizationServer, resourceProxy } = files;
  const makers: readonly (readonly [string, () => Promise<string> | string])[] = [
    [authorizationServer.signingKeys, makeSigningKeys],
    [authorizationServer.cookieKeys, () => JSON.stringify([makeSecret()])],
    [resourceProxy.sealingPrivateKey, () => makeSealingKey(authorizationServer.sealingPublicKey, now)],
    [authorizationServer.sealingPublicKey, () => publicHalf(resourceProxy.sealingPrivateKey)],
    [resourceProxy.clientSecret, makeSecret],
  ];
  const made: string[] = [];
  for (const [file, make] of makers) {
    if (existsSync(file)) continue;
    if (writeSecretFile(file, await make())) made.push(file);
  }
  return made;
}

/** 256 random bits, as text. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

async function makeSigningKeys(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return format({ keys: [{ ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' }] });
}

async function makeSealingKey(publicKeyFile: string, now: Date): Promise<string> {
  if (existsSync(publicKeyFile))
    throw new Error(
      `The private sealing key is missing, and its public half is at ${publicKeyFile}. Restore the private one from your backup: without it, no provider key that was stored can be used. To start anew, and have every owner enter their keys again, delete the public one too.`,
    );
  const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  return format({ ...jwk, kid: `px-${now.toISOString().slice(0, 7)}-1`, alg: 'ECDH-ES', use: 'enc' });
}

function publicHalf(privateKeyFile: string): string {
  const { d: _secret, ...publicJwk } = JSON.parse(readFileSync(privateKeyFile, 'utf8')) as JWK;
  return format(publicJwk);
}

function format(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
