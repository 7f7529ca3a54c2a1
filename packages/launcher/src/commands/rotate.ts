import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineEnvironment, proxyClientId } from '@aipassport/contracts';
import { assertMigrated, hashSecret, makeSecret } from '@aipassport/store';
import { endEarlierSecrets, findClient, insertAuditEvent, replaceClientSecret } from '@aipassport/store/authorization';
import { describeDatabase } from '../database/describe-database.js';
import { withDatabase } from '../database/with-database.js';
import { locateKeyFiles } from '../keys/key-files.js';
import { locateDatabaseFiles } from '../keys/make-database-secrets.js';
import { replaceSecretFile } from '../keys/replace-secret-file.js';
import {
  areNewPasswordsWritten,
  findRotatedRoles,
  setNewPasswords,
  writeNewPasswords,
} from '../keys/rotate-database-passwords.js';
import { type CookieKeyStep, type KeyList, rotateKeyList } from '../keys/rotate-key-list.js';
import { rotateSealingKey as takeSealingStep } from '../keys/rotate-sealing-key.js';
import { signingKeyKinds, rotateSigningKey as takeSigningStep } from '../keys/rotate-signing-key.js';
import { withTransitEngine } from '../keys/with-transit-engine.js';
import { writeSecretFile } from '../keys/write-secret-file.js';
import type { CommandContext } from './context.js';
import { chooseDirectory, type KeysOptions } from './keys.js';
import { parseDuration } from './parse-duration.js';
import { recordAct } from './record-act.js';

export interface RotationOptions extends Pick<KeysOptions, 'directory'> {
  readonly oneStep?: boolean;
  readonly dropAnyway?: boolean;
  readonly to?: string;
}

/** Tells the operator which file to copy after each step. Servers that share these files do not need this. */
const handOver = {
  prepare: 'Give the private file to every resource proxy, then run this command again.',
  publish: 'Give the public file to every authorization server, then run this command again.',
  reseal: 'Give the private file to every resource proxy once more: the old key is not in it any more.',
};

/**
 * `rotate-sealing-key`: makes a new sealing key, seals everything to it, and drops the old one. With `--one-step` it
 * does only the next step.
 */
export async function rotateSealingKey(context: CommandContext, options: RotationOptions): Promise<void> {
  const { environment, variables, now, print } = context;
  const files = locateKeyFiles(chooseDirectory(environment.AIPASSPORT_DATA, options));
  const databaseName = describeDatabase(environment);
  const dropsAnyway = options.dropAnyway === true;
  const { to, oneStep = false } = options;
  await withTransitEngine(variables, (engine) =>
    withDatabase(environment, async (db) => {
      await assertMigrated(db);
      for (;;) {
        const done = await takeSealingStep({ db, databaseName, files, engine, to, dropsAnyway, now, report: print });
        // the last step has its own event, in the transaction of the step
        if (done !== 'reseal')
          await insertAuditEvent(db, {
            event: 'secret_rotated',
            detail: { by: 'command', secret: 'sealing_key', step: done },
          });
        if (oneStep) print(handOver[done]);
        if (done === 'reseal') return print('The rotation is complete.');
        if (oneStep) return;
      }
    }),
  );
}

/** `rotate-signing-key`: does the next step of the rotation of each set of signing keys, if it is due. */
export async function rotateSigningKey(context: CommandContext, options: RotationOptions): Promise<void> {
  const { environment, now, print } = context;
  const { authorizationServer } = locateKeyFiles(chooseDirectory(environment.AIPASSPORT_DATA, options));
  const { signingKeys, idTokenKeys } = authorizationServer;
  const access = await takeSigningStep(signingKeys, signingKeyKinds.access, now());
  print(access.report);
  // An installation that was made before ID tokens were signed with RS256 does not have this file.
  const id = existsSync(idTokenKeys) ? await takeSigningStep(idTokenKeys, signingKeyKinds.id, now()) : undefined;
  if (id !== undefined) print(`ID tokens: ${id.report}`);
  for (const [secret, taken] of [['signing_keys', access] as const, ['id_token_keys', id] as const])
    if (taken !== undefined && taken.step !== 'wait')
      await recordAct(context, { event: 'secret_rotated', detail: { secret, step: taken.step } });
}

export interface CookieKeyOptions extends Pick<KeysOptions, 'directory'> {
  /** undefined: a new key is added, and signs when every server that shares the file knows it. */
  readonly step?: CookieKeyStep;
}

/** Servers read the cookie keys every two seconds, and the audit keys every ten. */
const readMilliseconds = { cookie_keys: 10_000, audit_keys: 25_000 } as const;

/** `rotate-cookie-key`: adds a cookie key, and signs with it. The older ones still verify. */
export function rotateCookieKey(context: CommandContext, options: CookieKeyOptions): Promise<void> {
  const { authorizationServer } = locateKeyFiles(chooseDirectory(context.environment.AIPASSPORT_DATA, options));
  return rotateList(context, { ...options, list: 'cookie_keys', file: authorizationServer.cookieKeys });
}

/** `rotate-audit-key`: adds a key of the audit log, and seals events with it. The older ones still verify. */
export function rotateAuditKey(context: CommandContext, options: CookieKeyOptions): Promise<void> {
  const { audit } = locateKeyFiles(chooseDirectory(context.environment.AIPASSPORT_DATA, options));
  return rotateList(context, { ...options, list: 'audit_keys', file: audit.keys });
}

interface ListRotation extends CookieKeyOptions {
  readonly list: KeyList;
  readonly file: string;
}

async function rotateList(context: CommandContext, { list, file, step }: ListRotation): Promise<void> {
  for (const each of step === undefined ? (['add', 'use'] as const) : [step]) {
    const { isDone, report } = rotateKeyList(file, list, each);
    context.print(report);
    if (isDone) await recordAct(context, { event: 'secret_rotated', detail: { secret: list, step: each } });
    if (step === undefined && each === 'add') await sleep(readMilliseconds[list]);
  }
}

export interface ProxySecretOptions extends Pick<KeysOptions, 'directory'> {
  /** A duration: `90m`, `12h`, `7d`. */
  readonly overlap: string;
  readonly endEarlier?: boolean;
}

const proxyEnvironment = defineEnvironment({ PROXY_CLIENT_ID: proxyClientId });

/**
 * `rotate-proxy-secret`: gives the resource proxy's client a new secret. The authorization servers accept the earlier
 * one for a while, so proxies that do not have the new one yet continue to work. After an interruption, the next run
 * uses the secret of the interrupted one.
 * @throws Error when the database does not have this client. No file is changed then
 */
export async function rotateProxySecret(
  { environment, variables, print }: CommandContext,
  { directory, overlap, endEarlier }: ProxySecretOptions,
): Promise<void> {
  const { clientSecret: file } = locateKeyFiles(
    chooseDirectory(environment.AIPASSPORT_DATA, { directory }),
  ).resourceProxy;
  const readFile = (path: string) => readFileSync(path, 'utf8');
  const { PROXY_CLIENT_ID: clientId } = proxyEnvironment.read({ variables, readFile });
  await withDatabase(environment, async (db) => {
    if ((await findClient(db, clientId))?.secretHash === undefined)
      throw new Error(
        `The database ${describeDatabase(environment)} has no client ${clientId} with a secret: check PROXY_CLIENT_ID and DATABASE_URL. Nothing was changed.`,
      );
  });
  if (endEarlier === true) {
    const isEnded = await withDatabase(environment, (db) => endEarlierSecrets(db, clientId));
    return print(isEnded ? 'No earlier secret of the proxy works any more.' : 'No earlier secret of the proxy worked.');
  }
  const overlapSeconds = parseDuration(overlap);
  const next = `${file}.next`;
  if (!existsSync(file)) throw new Error(`${file} is missing.`);
  writeSecretFile(next, makeSecret());
  const secret = readFile(next);
  const secretHash = hashSecret(secret);
  await withDatabase(environment, (db) => replaceClientSecret(db, { clientId, secretHash, overlapSeconds }));
  replaceSecretFile(file, secret);
  rmSync(next);
  print(
    `${file} has a new secret. The earlier one works for ${overlap}: give the file to every resource proxy by then.`,
  );
}

/** `rotate-database-passwords`: gives each role of the database a new password. */
export async function rotateDatabasePasswords(
  { environment, print }: CommandContext,
  { directory, oneStep }: RotationOptions,
): Promise<void> {
  const files = locateDatabaseFiles(chooseDirectory(environment.AIPASSPORT_DATA, { directory }));
  const roles = await findRotatedRoles(files);
  if (roles.leftOut !== undefined)
    print(`PostgreSQL does not accept the password in ${roles.leftOut}. The administrator’s password is not replaced.`);
  if (oneStep !== true || !areNewPasswordsWritten(files)) {
    writeNewPasswords(roles);
    print(`New passwords of ${[...roles.groups.keys()].join(', ')} are in the files, and not in the database yet.`);
    if (oneStep === true)
      return print('Give each file to the servers that use it, then run this command again: it sets the passwords.');
  }
  const set = await setNewPasswords(files, roles);
  print(`The database has the new passwords of ${set.join(', ')}. The rotation is complete.`);
}
