import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineEnvironment, serverVariables } from '@aipassport/contracts';
import { type BucketSettings, downloadJournal, readBucketSettings } from '@aipassport/store';
import type { CommandContext } from './context.js';

const { JOURNAL_DIRECTORY, JOURNAL_BUCKET_URL, JOURNAL_BUCKET_REGION, JOURNAL_BUCKET_PREFIX } = serverVariables;
const { JOURNAL_BUCKET_ACCESS_KEY_ID, JOURNAL_BUCKET_SECRET_ACCESS_KEY } = serverVariables;
const settings = defineEnvironment({
  JOURNAL_DIRECTORY,
  JOURNAL_BUCKET_URL,
  JOURNAL_BUCKET_REGION,
  JOURNAL_BUCKET_PREFIX,
  JOURNAL_BUCKET_ACCESS_KEY_ID,
  JOURNAL_BUCKET_SECRET_ACCESS_KEY,
});

/** The bucket of the journal, as the settings of the servers name it; undefined: they name none. */
export function readJournalBucket(variables: CommandContext['variables']): BucketSettings | undefined {
  return readBucketSettings(settings.read({ variables, readFile: (file) => readFileSync(file, 'utf8') }));
}

/**
 * Copies the journal of the bucket that the settings name into a directory, which is removed after `use`.
 * @param since only the files of this day and later; undefined: all
 */
export async function withDownloadedJournal(
  { variables, print }: CommandContext,
  since: string | undefined,
  use: (directory: string) => Promise<void>,
): Promise<void> {
  const bucket = readJournalBucket(variables);
  if (bucket === undefined) throw new Error('--journal-bucket needs the setting JOURNAL_BUCKET_URL of the servers.');
  const directory = await mkdtemp(path.join(tmpdir(), 'aipassport-journal-'));
  try {
    const count = await downloadJournal(bucket, directory, since);
    print(`${count} objects${since === undefined ? '' : ` since ${since}`} were copied from the bucket.`);
    await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
