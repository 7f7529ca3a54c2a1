import {
  ConfigurationError,
  defineEnvironment,
  type EnvironmentSource,
  type SecretFiles,
  serverVariables,
} from '@aipassport/contracts';
import type { BucketKey } from './bucket.js';

const { JOURNAL_BUCKET_ACCESS_KEY_ID, JOURNAL_BUCKET_SECRET_ACCESS_KEY } = serverVariables;
const environment = defineEnvironment({ JOURNAL_BUCKET_ACCESS_KEY_ID, JOURNAL_BUCKET_SECRET_ACCESS_KEY });

/**
 * The access key of the journal's bucket, whose files are read again when they change. Its two halves may be in two
 * files: until both are replaced, the bucket refuses requests, and the journal is written a moment later.
 *
 * @returns undefined when there is no bucket
 */
export function followBucketKey(source: EnvironmentSource, secretFiles: SecretFiles): (() => BucketKey) | undefined {
  if (!source.variables['JOURNAL_BUCKET_URL']) return undefined;
  const follow = (name: keyof typeof environment.variables) =>
    secretFiles.follow(`${name}_FILE`, () => {
      const value = environment.readOne(source, name);
      if (value === undefined) throw new ConfigurationError(`configuration: JOURNAL_BUCKET_URL needs ${name}`);
      return value;
    });
  const [readId, readSecret] = [follow('JOURNAL_BUCKET_ACCESS_KEY_ID'), follow('JOURNAL_BUCKET_SECRET_ACCESS_KEY')];
  return () => ({ accessKeyId: readId(), secretAccessKey: readSecret() });
}
