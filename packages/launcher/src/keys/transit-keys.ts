import { createPublicKey, randomBytes } from 'node:crypto';
import { parseSealingKey, sealProviderKey } from '@aipassport/authorization-server/operating';
import {
  importSealingKey,
  isTransitPath,
  parseSealingJwks,
  type SealingJwk,
  type TransitEngine,
  type TransitJwk,
  type TransitPlace,
} from '@aipassport/resource-proxy/operating';
import { calculateJwkThumbprint } from 'jose';
import { publicHalf } from './make-keys.js';

type KeyPath = Pick<TransitPlace, 'mount' | 'key'>;

/** @throws Error unless the text is `<mount>/<key>`; the mount may have several parts */
export function parseKeyPath(text: string): KeyPath {
  if (!isTransitPath(text))
    throw new Error(`${text} is neither \`file\` nor <mount>/<key>, such as transit/aipassport.`);
  const slash = text.lastIndexOf('/');
  return { mount: text.slice(0, slash), key: text.slice(slash + 1) };
}

/** Where the private half of a sealing key is: `file`, or `<mount>/<key>` of a transit engine. */
export function nameKeyPlace(jwk: SealingJwk): string {
  return jwk.kty === 'OKP' ? 'file' : `${jwk.transit.mount}/${jwk.transit.key}`;
}

/**
 * Takes the latest version of a key in a transit engine as a sealing key. If that version was a sealing key before, or
 * is one now, makes the next version first.
 * @throws Error when the key can leave the engine, or cannot seal provider keys
 */
export async function takeTransitKey(
  engine: TransitEngine,
  path: KeyPath,
  isUsed: (sealingKeyId: string) => Promise<boolean>,
): Promise<TransitJwk> {
  let taken = await readLatestVersion(engine, path);
  if (await isUsed(taken.kid)) {
    await engine.ask({ method: 'POST', path: `${path.mount}/keys/${path.key}/rotate`, body: {} });
    taken = await readLatestVersion(engine, path);
    if (await isUsed(taken.kid)) throw new Error(`${path.mount}/${path.key} has no new version after its rotation.`);
  }
  await proveSealingKey(taken, engine);
  return taken;
}

/**
 * Seals a random text to the public half of a sealing key, and unseals it with the private half.
 * @throws Error when that does not give the same text; TransitUnavailable when the transit engine does not answer
 */
export async function proveSealingKey(jwk: SealingJwk, engine: TransitEngine | undefined): Promise<void> {
  const text = randomBytes(24).toString('base64url');
  const binding = { account: 'none', upstream: 'none', host: 'none', version: 0 };
  const jwe = await sealProviderKey(parseSealingKey(publicHalf(jwk)), binding, Buffer.from(text));
  const { key } = await (await importSealingKey(jwk, engine)).unseal(jwe);
  if (key.reveal() !== text) throw new Error(`The sealing key ${jwk.kid} does not unseal what is sealed to it.`);
}

async function readLatestVersion(engine: TransitEngine, { mount, key }: KeyPath): Promise<TransitJwk> {
  const { data } = await engine.ask({ method: 'GET', path: `${mount}/keys/${key}` });
  const name = `${mount}/${key}`;
  if (data['exportable'] === true || data['allow_plaintext_backup'] === true)
    throw new Error(`${name} can be exported from the transit engine. Make another key, which cannot.`);
  const version = Number(data['latest_version']);
  const { public_key: pem, creation_time: createdAt } = readVersion(data['keys'], version);
  const month = /^\d{4}-\d{2}/.exec(String(createdAt))?.[0];
  const { kty, n = '', e = '' } = readPublicKey(String(pem)) ?? {};
  if (month === undefined || kty !== 'RSA')
    throw new Error(`${name} is not an RSA key. Make one of the type rsa-4096 in the transit engine.`);
  // The name is always the same for one version of a key, so that it shows whether the version was used before.
  const kid = `px-${month}-${(await calculateJwkThumbprint({ kty, n, e })).slice(0, 16)}`;
  const jwk = { kty, n, e, kid, alg: 'RSA-OAEP-256', use: 'enc', transit: { mount, key, version } };
  const [parsed] = parseSealingJwks(jwk);
  if (parsed.kty !== 'RSA') throw new Error(`${name} is not an RSA key.`);
  return parsed;
}

function readVersion(keys: unknown, version: number): Readonly<Record<string, unknown>> {
  const found: unknown = typeof keys === 'object' && keys !== null ? Reflect.get(keys, String(version)) : undefined;
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
}

function readPublicKey(pem: string) {
  try {
    return createPublicKey(pem).export({ format: 'jwk' });
  } catch {
    return undefined;
  }
}
