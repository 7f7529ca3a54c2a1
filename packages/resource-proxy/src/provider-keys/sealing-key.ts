import { ConfigurationError } from '@aipassport/contracts';
import { isJsonObject } from '@aipassport/policy';
import type { JWK } from 'jose';
import type { UnsealedKey } from './unsealed-key.js';

/** SECRET: a private JWK in the file of the sealing keys. This process opens provider keys with it. */
export interface FileJwk extends JWK {
  readonly kty: 'OKP';
  readonly crv: 'X25519';
  readonly kid: string;
  readonly d: string;
}

/** The place of one version of a key in a transit engine: `<mount>/keys/<key>`. */
export interface TransitPlace {
  readonly mount: string;
  readonly key: string;
  readonly version: number;
}

/** The public half of a sealing key whose private half never leaves a transit engine. It contains no secret. */
export interface TransitJwk extends JWK {
  readonly kty: 'RSA';
  readonly kid: string;
  readonly n: string;
  readonly e: string;
  readonly transit: TransitPlace;
}

export type SealingJwk = FileJwk | TransitJwk;

/** SECRET: the sealing keys, newest first. There are several only while the sealing key is being rotated. */
export type SealingJwks = readonly [SealingJwk, ...SealingJwk[]];

/** A sealing key, ready to open provider keys. There is one implementation for each kind of private half. */
export interface SealingKey {
  readonly id: string;
  /**
   * @throws TransitUnavailable if the provider key cannot be opened at the moment; any other error if it was not sealed
   * to this sealing key, or if it or its header was altered
   */
  readonly unseal: (jwe: string) => Promise<UnsealedKey>;
}

/** A transit engine cannot decrypt a provider key at the moment. A later attempt may succeed. */
export class TransitUnavailable extends Error {
  override readonly name = 'TransitUnavailable';
}

const problem =
  'must hold a private X25519 JWK or the RSA JWK of a key in a transit engine, with a `kid`, or a set of such keys, each with a `kid` of its own';
/** 3072 bits. */
const minModulusBytes = 384;
const usualExponent = 'AQAB';
const name = /^[\w.-]{1,128}$/;

/**
 * @throws ConfigurationError if the JSON is neither a sealing key nor a JWK Set (RFC 7517 section 5) of them, or if two
 * sealing keys of the set have the same `kid`
 */
export function parseSealingJwks(json: unknown): SealingJwks {
  const listed: readonly unknown[] = isJsonObject(json) && Array.isArray(json['keys']) ? json['keys'] : [json];
  const [first, ...others] = listed.map(parseSealingJwk);
  if (first === undefined || new Set([first, ...others].map(({ kid }) => kid)).size !== listed.length)
    throw new ConfigurationError(problem);
  return [first, ...others];
}

function parseSealingJwk(json: unknown): SealingJwk {
  const jwk: JWK = isJsonObject(json) ? json : {};
  const parsed = jwk.kty === 'RSA' ? parseTransitJwk(jwk) : parseFileJwk(jwk);
  if (parsed === undefined) throw new ConfigurationError(problem);
  return parsed;
}

function parseFileJwk(jwk: JWK): FileJwk | undefined {
  const { kty, crv, kid, d } = jwk;
  if (kty !== 'OKP' || crv !== 'X25519' || typeof kid !== 'string' || typeof d !== 'string') return undefined;
  return { ...jwk, kty: 'OKP', crv: 'X25519', kid, d };
}

function parseTransitJwk(jwk: JWK & { readonly transit?: unknown }): TransitJwk | undefined {
  const { kid, n, e, d, transit } = jwk;
  const place = parseTransitPlace(transit);
  if (d !== undefined || place === undefined || typeof kid !== 'string' || typeof n !== 'string') return undefined;
  if (e !== usualExponent || Buffer.from(n, 'base64url').length < minModulusBytes) return undefined;
  return { ...jwk, kty: 'RSA', kid, n, e, transit: place };
}

function parseTransitPlace(json: unknown): TransitPlace | undefined {
  const { mount, key, version } = isJsonObject(json) ? json : {};
  const isPlace = typeof mount === 'string' && typeof key === 'string' && isTransitPath(`${mount}/${key}`);
  return isPlace && Number.isSafeInteger(version) && Number(version) > 0
    ? { mount, key, version: Number(version) }
    : undefined;
}

/** Whether a text is `<mount>/<key>`. The mount may have several parts. No part can change the path of a request. */
export function isTransitPath(path: string): boolean {
  const parts = path.split('/');
  return parts.length > 1 && parts.every((part) => name.test(part) && !/^\.+$/.test(part));
}
