import path from 'node:path';
import { ConfigurationError } from '@aipassport/contracts';
import type { BatchFiles } from './batch.js';
import { Bucket, type BucketKey, type BucketSettings } from './bucket.js';
import { JournalFiles } from './journal-file.js';
import { JournalObjects } from './journal-objects.js';
import { fileText, type StoredText } from './stored-text.js';

/** Where a journal is: a directory, or a bucket. */
export interface JournalPlace {
  readonly mark: StoredText;
  /**
   * The last time, in microseconds, at which a server saw the database, and the position of the journal that the server
   * found there.
   */
  readonly seen: StoredText;
  readonly openFiles: () => BatchFiles;
}

/** The name of the file, or the end of the name of the object. */
export const seenName = 'seen';

export function directoryPlace(directory: string): JournalPlace {
  return {
    mark: fileText(path.join(directory, 'mark')),
    seen: fileText(path.join(directory, seenName)),
    openFiles: () => new JournalFiles(directory),
  };
}

/** Each server needs its own place, because the place remembers what this server has read and written. */
export function bucketPlace(settings: BucketSettings, readKey?: () => BucketKey): JournalPlace {
  const bucket = new Bucket(settings, readKey);
  return {
    mark: bucket.openText('mark'),
    seen: bucket.openText(seenName),
    openFiles: () => new JournalObjects(bucket),
  };
}

/** The settings of both servers and of the commands. */
export interface JournalSettings {
  readonly JOURNAL_DIRECTORY: string | undefined;
  readonly JOURNAL_BUCKET_URL: string | undefined;
  readonly JOURNAL_BUCKET_REGION: string;
  readonly JOURNAL_BUCKET_PREFIX: string | undefined;
  readonly JOURNAL_BUCKET_ACCESS_KEY_ID: string | undefined;
  /** SECRET: signs the requests. */
  readonly JOURNAL_BUCKET_SECRET_ACCESS_KEY: string | undefined;
}

/**
 * @param readKey SECRET: returns the bucket's access key that is in force; undefined: the key in the settings stays
 * @returns undefined when neither a directory nor a bucket is set: then there is no journal
 * @throws ConfigurationError when both are set, or the access key of the bucket is missing
 */
export function openJournalPlace(settings: JournalSettings, readKey?: () => BucketKey): JournalPlace | undefined {
  const bucket = readBucketSettings(settings);
  const { JOURNAL_DIRECTORY: directory } = settings;
  if (directory !== undefined && bucket !== undefined)
    throw new ConfigurationError('configuration: give either JOURNAL_DIRECTORY or JOURNAL_BUCKET_URL, not both');
  return directory === undefined ? bucket && bucketPlace(bucket, readKey) : directoryPlace(directory);
}

/** The mark by which a server notices a restore: that of the journal, if there is one. */
export function openRestoreMark(
  { RESTORE_MARK_FILE: file }: { readonly RESTORE_MARK_FILE: string | undefined },
  journal: JournalPlace | undefined,
): StoredText | undefined {
  return journal?.mark ?? (file === undefined ? undefined : fileText(file));
}

/** @throws ConfigurationError when the access key of the bucket is missing */
export function readBucketSettings(settings: JournalSettings): BucketSettings | undefined {
  const { JOURNAL_BUCKET_URL: url, JOURNAL_BUCKET_ACCESS_KEY_ID: accessKeyId } = settings;
  if (url === undefined) return undefined;
  const { JOURNAL_BUCKET_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new ConfigurationError(
      'configuration: JOURNAL_BUCKET_URL needs JOURNAL_BUCKET_ACCESS_KEY_ID and JOURNAL_BUCKET_SECRET_ACCESS_KEY',
    );
  const { JOURNAL_BUCKET_REGION: region, JOURNAL_BUCKET_PREFIX: prefix = '' } = settings;
  return { url, region, prefix, accessKeyId, secretAccessKey };
}
