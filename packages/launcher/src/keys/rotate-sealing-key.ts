import { parseSealingKey, type SealingKey } from '@aipassport/authorization-server/operating';
import { parseSealingJwks, type SealingJwk } from '@aipassport/resource-proxy/operating';
import {
  type Database,
  listRetiredSealingKeys,
  retireSealingKeys,
  type SealedProviderKey,
  withSealingKeyRotation,
} from '@aipassport/store';
import type { KeyFiles } from './key-files.js';
import { formatKeyJson, readKeyFile } from './key-json.js';
import { makeSealingKey, publicHalf } from './make-keys.js';
import { replaceSecretFile } from './replace-secret-file.js';
import { resealProviderKeys } from './reseal-provider-keys.js';

export interface SealingKeyRotation {
  readonly db: Database;
  readonly files: KeyFiles;
  readonly now: () => Date;
  /** Told what was done, after it was done. */
  readonly report: (line: string) => void;
}

/** Both halves as their files have them now. */
interface Halves {
  /** SECRET: newest first. */
  readonly newest: SealingJwk;
  readonly older: readonly SealingJwk[];
  /** To which the authorization server seals. */
  readonly sealing: SealingKey;
}

export type SealingKeyStep = 'prepare' | 'publish' | 'reseal';

/**
 * Does the next step of a rotation, which the files tell: so one that was interrupted goes on where it was, and a step
 * that was done is not done again.
 *
 * 1. `prepare`: a new private key is put before the old one, so that every proxy can open what is sealed to either.
 * 2. `publish`: the authorization server seals to the new one.
 * 3. `reseal`: what is stored is sealed to the new one; the old one is retired in the database, and leaves the file.
 *
 * @returns what it did; after `reseal` the rotation is complete
 * @throws Error when the two files do not belong together, or another rotation runs at this moment
 */
export async function rotateSealingKey(rotation: SealingKeyRotation): Promise<SealingKeyStep> {
  return withSealingKeyRotation(rotation.db, async (db) => {
    const halves = readHalves(rotation.files);
    const own = { ...rotation, db };
    if (halves.newest.kid !== halves.sealing.kid) return publish(own, halves);
    return halves.older.length === 0 ? prepare(own, halves) : reseal(own, halves);
  });
}

function readHalves({ authorizationServer, resourceProxy }: KeyFiles): Halves {
  const [newest, ...older] = readKeyFile(resourceProxy.sealingPrivateKey, parseSealingJwks);
  const sealing = readKeyFile(authorizationServer.sealingPublicKey, parseSealingKey);
  if (![newest, ...older].some(({ kid }) => kid === sealing.kid))
    throw new Error(
      `${authorizationServer.sealingPublicKey} is the public half of ${sealing.kid}, which is not in ${resourceProxy.sealingPrivateKey}. Nothing was changed.`,
    );
  return { newest, older, sealing };
}

async function prepare({ db, files, now, report }: SealingKeyRotation, { newest }: Halves): Promise<'prepare'> {
  const taken = new Set([newest.kid, ...(await listRetiredSealingKeys(db))]);
  let number = 1;
  let made = await makeSealingKey(now(), number);
  while (taken.has(made.kid)) made = await makeSealingKey(now(), ++number);
  replaceSecretFile(files.resourceProxy.sealingPrivateKey, formatKeyJson({ keys: [made, newest] }));
  report(`Made the sealing key ${made.kid}: resource proxies open what is sealed to it, and to ${newest.kid}.`);
  return 'prepare';
}

async function publish({ files, report }: SealingKeyRotation, { newest }: Halves): Promise<'publish'> {
  replaceSecretFile(files.authorizationServer.sealingPublicKey, formatKeyJson(publicHalf(newest)));
  report(`The authorization server seals to ${newest.kid} from now on.`);
  return 'publish';
}

async function reseal({ db, files, report }: SealingKeyRotation, halves: Halves): Promise<'reseal'> {
  const { newest, older, sealing } = halves;
  const sealingKeyIds = older.map(({ kid }) => kid);
  let unreadable: readonly SealedProviderKey[];
  let resealed = 0;
  do {
    const pass = await resealProviderKeys(db, { privateKeys: [newest, ...older], sealing });
    unreadable = pass.unreadable;
    resealed += pass.resealed;
    // not yet when a key was stored meanwhile by an authorization server that had read its file just before
  } while (
    !(await retireSealingKeys(db, {
      sealingKeyIds,
      successorId: newest.kid,
      unreadableKeyIds: unreadable.map(({ id }) => id),
    }))
  );
  report(`Sealed anew: ${resealed} ${resealed === 1 ? 'provider key' : 'provider keys'}.`);
  for (const { accountId, upstream } of unreadable)
    report(`The key of account ${accountId} for ${upstream} could not be opened: its owner must enter it again.`);
  replaceSecretFile(files.resourceProxy.sealingPrivateKey, formatKeyJson(newest));
  report(`Dropped the sealing key ${sealingKeyIds.join(', ')}.`);
  return 'reseal';
}
