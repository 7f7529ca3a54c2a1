import { ConfigurationError } from '@aipassport/contracts';
import {
  type BucketKey,
  type JournalPlace,
  type JournalSettings,
  openJournalPlace,
  openRestoreMark,
  type StoredText,
} from '@aipassport/store';
import type { Environment } from './environment.js';

type ShownSetting = Exclude<keyof JournalSettings | 'RESTORE_MARK_FILE', 'JOURNAL_BUCKET_SECRET_ACCESS_KEY'>;

/** What the settings of the journal and of the restore mark say. */
export interface JournalConfiguration {
  /** Undefined: this server does not notice when its database was restored from a backup. */
  readonly restoreMark: StoredText | undefined;
  /** Undefined: there is no journal. */
  readonly journal: JournalPlace | undefined;
  /** The settings as they were given, for the operator's page. */
  readonly journalSettings: Pick<Environment, ShownSetting>;
}

/**
 * @param readBucketKey SECRET: returns the access key of the journal's bucket that is in force
 * @throws ConfigurationError when settings are missing or contradict each other
 */
export function readJournal(values: Environment, readBucketKey: (() => BucketKey) | undefined): JournalConfiguration {
  const journal = openJournalPlace(values, readBucketKey);
  if (journal !== undefined && values.AUDIT_KEYS_FILE === undefined)
    throw new ConfigurationError('configuration: a journal needs AUDIT_KEYS_FILE, whose key signs it');
  const { RESTORE_MARK_FILE, JOURNAL_DIRECTORY, JOURNAL_BUCKET_URL, JOURNAL_BUCKET_REGION } = values;
  const { JOURNAL_BUCKET_PREFIX, JOURNAL_BUCKET_ACCESS_KEY_ID } = values;
  return {
    restoreMark: openRestoreMark(values, journal),
    journal,
    journalSettings: {
      RESTORE_MARK_FILE,
      JOURNAL_DIRECTORY,
      JOURNAL_BUCKET_URL,
      JOURNAL_BUCKET_REGION,
      JOURNAL_BUCKET_PREFIX,
      JOURNAL_BUCKET_ACCESS_KEY_ID,
    },
  };
}
