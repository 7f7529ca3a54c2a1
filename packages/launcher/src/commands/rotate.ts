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

/** What is to be copied before the next step, where servers do not share these files. */
const handOver = {
  prepare: 'Give the private file to every resource proxy, then run this again.',
  publish: 'Give the public file to every authorization server, then run this again.',
  reseal: 'Give the private file to every resource proxy once more: the old key is not in it any more.',
};

/** `rotate-sealing-key`: a new key, everything sealed to it, and the old one dropped; or the next step of that. */
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

/** `rotate-signing-key`: the next step of a rotation of either set of keys, if its time has come. */
export async function rotateSigningKey(
  { environment, now, print }: CommandContext,
  options: RotationOptions,
): Promise<void> {
  const { authorizationServer } = locateKeyFiles(chooseDirectory(environment.AIPASSPORT_DATA, options));
  const { signingKeys, idTokenKeys } = authorizationServer;
  print(await takeSigningStep(signingKeys, signingKeyKinds.access, now()));
  // An installation from before there were ID tokens in RS256 has none.
  if (existsSync(idTokenKeys)) print(`ID tokens: ${await takeSigningStep(idTokenKeys, signingKeyKinds.id, now())}`);
}
