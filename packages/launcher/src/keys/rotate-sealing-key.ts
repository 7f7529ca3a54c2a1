import { parseSealingKey, type SealingKey } from '@aipassport/authorization-server/operating';
import { parseSealingJwks, type SealingJwk, type TransitEngine } from '@aipassport/resource-proxy/operating';
import {
  type Database,
  isSealingKeyRetired,
  retireSealingKeys,
  type SealedProviderKey,
  withSealingKeyRotation,
} from '@aipassport/store';
import type { KeyFiles } from './key-files.js';
import { formatKeyJson, readKeyFile } from './key-json.js';
import { makeSealingKey, type NamedKey, publicHalf } from './make-keys.js';
import { replaceSecretFile } from './replace-secret-file.js';
import { resealProviderKeys } from './reseal-provider-keys.js';
import { nameKeyPlace, parseKeyPath, takeTransitKey } from './transit-keys.js';
import { unsealsAnyKey } from './unseals-any-key.js';

export interface SealingKeyRotation {
  readonly db: Database;
  /** The database's name and host, for people: without a password. */
  readonly databaseName: string;
  readonly files: KeyFiles;
  /** undefined: no transit engine is set */
  readonly engine: TransitEngine | undefined;
  /** The place of the new key: `file`, or `<mount>/<key>` of the engine. undefined: the place of the current key. */
  readonly to?: string | undefined;
  /**
   * Set by `--drop-anyway`. Every step is done even if none of the provider keys in the database opens with these
   * private keys, and the old sealing key is dropped even if provider keys that are sealed to it cannot be opened.
   */
  readonly dropsAnyway: boolean;
  readonly now: () => Date;
  /** Called after something was done, with a description of it. */
  readonly report: (line: string) => void;
}

/** The private keys and the public key as they are in their files now. */
interface SealingKeys {
  /** The newest private key. SECRET, like the older private keys. */
  readonly newest: SealingJwk;
  readonly older: readonly SealingJwk[];
  /** The public key to which the authorization server seals. */
  readonly sealing: SealingKey;
}

export type SealingKeyStep = 'prepare' | 'publish' | 'reseal';

/**
 * Does the next step of a rotation. The files show which step is next, so an interrupted rotation continues where it
 * stopped, and no step is done twice.
 *
 * 1. `prepare`: adds a new private key to the file of the proxies, as the first one, and keeps the old one there. If
 *    the new key is in a transit engine, the file gets its public half and its place. So the proxies can open what is
 *    sealed to either key.
 * 2. `publish`: makes the authorization server seal to the new sealing key.
 * 3. `reseal`: seals every stored provider key to the new key, retires the old key in the database, and removes it from
 *    the file.
 *
 * @returns the step that was done; after `reseal` the rotation is complete
 * @throws Error when the two files do not belong together, or when another rotation is running. Without `dropsAnyway`,
 * also when no provider key in the database opens with these private keys, since it may be the wrong database; and when
 * a provider key that is sealed to the old key does not open. Even with `dropsAnyway`, when a transit engine does not
 * answer. In all these cases every sealing key is kept, because a provider key that is sealed to a dropped key is lost
 */
export async function rotateSealingKey(rotation: SealingKeyRotation): Promise<SealingKeyStep> {
  return withSealingKeyRotation(rotation.db, async (db) => {
    const keys = readSealingKeys(rotation.files);
    const own = { ...rotation, db };
    if (!rotation.dropsAnyway) await requireOwnDatabase(own, keys);
    const isBegun = keys.newest.kid !== keys.sealing.kid || keys.older.length > 0;
    if (isBegun) requireSamePlace(rotation, keys);
    if (keys.newest.kid !== keys.sealing.kid) return publish(own, keys);
    return keys.older.length === 0 ? prepare(own, keys) : reseal(own, keys);
  });
}

function readSealingKeys({ authorizationServer, resourceProxy }: KeyFiles): SealingKeys {
  const [newest, ...older] = readKeyFile(resourceProxy.sealingPrivateKey, parseSealingJwks);
  const sealing = readKeyFile(authorizationServer.sealingPublicKey, parseSealingKey);
  if (![newest, ...older].some((jwk) => isPublicHalf(sealing, jwk)))
    throw new Error(
      `${authorizationServer.sealingPublicKey} has the public key ${sealing.kid}, and its private key is not in ${resourceProxy.sealingPrivateKey}. Nothing was changed.`,
    );
  return { newest, older, sealing };
}

/** Compares the sealing key itself too, because keys made by hand or by earlier versions may share a name. */
function isPublicHalf(sealing: SealingKey, { kid, x, n }: SealingJwk): boolean {
  return kid === sealing.kid && (sealing.kty === 'OKP' ? x === sealing.x : n === sealing.n);
}

function requireSamePlace({ to, files }: SealingKeyRotation, { newest }: SealingKeys): void {
  const place = nameKeyPlace(newest);
  if (to !== undefined && to !== place)
    throw new Error(
      `${files.resourceProxy.sealingPrivateKey} has a rotation to ${place} that is not complete. Run this without --to first.`,
    );
}

async function requireOwnDatabase(
  { db, databaseName, files, engine }: SealingKeyRotation,
  { newest, older }: SealingKeys,
): Promise<void> {
  if (await unsealsAnyKey(db, { jwks: [newest, ...older], engine })) return;
  throw new Error(
    `No API key in the database ${databaseName} opens with ${files.resourceProxy.sealingPrivateKey}: it is another deployment's database, or no key has been stored yet. Nothing was changed. If you are sure that it is the right one, run this again with --drop-anyway.`,
  );
}

async function prepare(rotation: SealingKeyRotation, { newest }: SealingKeys): Promise<'prepare'> {
  const { files, report } = rotation;
  const made = await makeNextKey(rotation, newest);
  replaceSecretFile(files.resourceProxy.sealingPrivateKey, formatKeyJson({ keys: [made, newest] }));
  report(`Made the sealing key ${made.kid}: resource proxies open what is sealed to it, and to ${newest.kid}.`);
  return 'prepare';
}

async function makeNextKey(
  { db, engine, to, now }: SealingKeyRotation,
  present: SealingJwk,
): Promise<SealingJwk | NamedKey> {
  const place = to ?? nameKeyPlace(present);
  if (place === 'file') return makeSealingKey(now());
  const path = parseKeyPath(place);
  if (engine === undefined) throw new Error(`Set SEALING_TRANSIT_URL: the new sealing key is ${place} there.`);
  return takeTransitKey(engine, path, async (id) => id === present.kid || (await isSealingKeyRetired(db, id)));
}

async function publish({ files, report }: SealingKeyRotation, { newest }: SealingKeys): Promise<'publish'> {
  replaceSecretFile(files.authorizationServer.sealingPublicKey, formatKeyJson(publicHalf(newest)));
  report(`The authorization server seals to ${newest.kid} from now on.`);
  return 'publish';
}

async function reseal(rotation: SealingKeyRotation, keys: SealingKeys): Promise<'reseal'> {
  const { db, files, engine, report } = rotation;
  const { newest, older, sealing } = keys;
  const sealingKeyIds = older.map(({ kid }) => kid);
  let unreadable: readonly SealedProviderKey[];
  let resealed = 0;
  do {
    const pass = await resealProviderKeys(db, { held: { jwks: [newest, ...older], engine }, sealing });
    unreadable = pass.unreadable;
    resealed += pass.resealed;
    if (!rotation.dropsAnyway) requireReadableKeys(rotation, unreadable, sealingKeyIds);
    // The loop repeats when an authorization server with the old public key has stored another provider key meanwhile,
    // and when `retireSealingKeys` could not lock the table in time.
  } while (
    !(await retireSealingKeys(db, {
      sealingKeyIds,
      successorId: newest.kid,
      unreadableKeyIds: unreadable.map(({ id }) => id),
    }))
  );
  report(`Resealed: ${resealed} ${resealed === 1 ? 'API key' : 'API keys'}.`);
  for (const { accountId, upstream } of unreadable)
    report(`The API key of account ${accountId} for ${upstream} could not be opened: its owner must enter it again.`);
  replaceSecretFile(files.resourceProxy.sealingPrivateKey, formatKeyJson(newest));
  report(`Dropped the sealing key ${sealingKeyIds.join(', ')}.`);
  return 'reseal';
}

/**
 * @throws Error if a provider key that is sealed to an old key cannot be opened. Such a provider key was altered, or
 * was sealed to another key of the same name
 */
function requireReadableKeys(
  { databaseName }: SealingKeyRotation,
  unreadable: readonly SealedProviderKey[],
  sealingKeyIds: readonly string[],
): void {
  const suspect = unreadable.filter(({ sealingKeyId }) => sealingKeyIds.includes(sealingKeyId));
  const [first] = suspect;
  if (first === undefined) return;
  throw new Error(
    `API keys in the database ${databaseName} are sealed to ${sealingKeyIds.join(', ')} and do not open with it. Number of these keys: ${suspect.length}. The first belongs to account ${first.accountId}, for ${first.upstream}. Nothing was dropped. If this is the right database, and the owners may enter their keys again, run this command again with --drop-anyway.`,
  );
}
