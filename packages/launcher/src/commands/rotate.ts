import { existsSync } from 'node:fs';
import { assertMigrated } from '@aipassport/store';
import { describeDatabase } from '../database/describe-database.js';
import { withDatabase } from '../database/with-database.js';
import { locateKeyFiles } from '../keys/key-files.js';
import { rotateSealingKey as takeSealingStep } from '../keys/rotate-sealing-key.js';
import { signingKeyKinds, rotateSigningKey as takeSigningStep } from '../keys/rotate-signing-key.js';
import type { CommandContext } from './context.js';
import { chooseDirectory, type KeysOptions } from './keys.js';

export interface RotationOptions extends Pick<KeysOptions, 'directory'> {
  readonly oneStep?: boolean;
  readonly dropAnyway?: boolean;
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
  const { environment, now, print } = context;
  const files = locateKeyFiles(chooseDirectory(environment.AIPASSPORT_DATA, options));
  const databaseName = describeDatabase(environment);
  const dropsAnyway = options.dropAnyway === true;
  await withDatabase(environment, async (db) => {
    await assertMigrated(db);
    for (;;) {
      const done = await takeSealingStep({ db, databaseName, files, dropsAnyway, now, report: print });
      if (options.oneStep === true) print(handOver[done]);
      if (done === 'reseal') return print('The rotation is complete.');
      if (options.oneStep === true) return;
    }
  });
}

/** `rotate-signing-key`: does the next step of the rotation of each set of signing keys, if it is due. */
export async function rotateSigningKey(
  { environment, now, print }: CommandContext,
  options: RotationOptions,
): Promise<void> {
  const { authorizationServer } = locateKeyFiles(chooseDirectory(environment.AIPASSPORT_DATA, options));
  const { signingKeys, idTokenKeys } = authorizationServer;
  print(await takeSigningStep(signingKeys, signingKeyKinds.access, now()));
  // An installation that was made before ID tokens were signed with RS256 does not have this file.
  if (existsSync(idTokenKeys)) print(`ID tokens: ${await takeSigningStep(idTokenKeys, signingKeyKinds.id, now())}`);
}
