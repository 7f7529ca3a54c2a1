import { readFile } from 'node:fs/promises';
import { ConfigurationError, isError } from '@aipassport/contracts';
import { replaceFile } from './replace-file.js';

/** A short text outside of the database, which servers read and replace: a file, or an object in a bucket. */
export interface StoredText {
  /** Names the place to the operator. */
  readonly name: string;
  /** @returns undefined when there is none yet @throws ConfigurationError when it cannot be read */
  readonly read: () => Promise<string | undefined>;
  /**
   * Like `read`, but may return the text that this server read or wrote last. New connections to the database use it,
   * so that they do not wait for a bucket.
   */
  readonly recall: () => Promise<string | undefined>;
  /** A reader finds either the old text or the new one. @throws ConfigurationError when it cannot be written */
  readonly replace: (text: string) => Promise<void>;
}

/** A file. Its new text survives a power cut. */
export function fileText(file: string): StoredText {
  const read = () =>
    readFile(file, 'utf8').catch((error: unknown) => {
      if (readCode(error) === 'ENOENT') return undefined;
      throw describeProblem(file, `cannot be read (${readCode(error)})`);
    });
  const replace = (text: string) =>
    replaceFile(file, text).catch((error: unknown) => {
      throw describeProblem(file, `cannot be written (${readCode(error)})`);
    });
  return { name: file, read, recall: read, replace };
}

/** A problem with the text, which the operator has to solve. In the directory of a journal, the mark is the file `mark`. */
export function describeProblem(name: string, problem: string): ConfigurationError {
  return new ConfigurationError(
    `configuration: RESTORE_MARK_FILE, JOURNAL_DIRECTORY or JOURNAL_BUCKET_URL: ${name} ${problem}`,
  );
}

/** The code of an error of the file system, for a message. */
function readCode(error: unknown): string {
  return isError(error) && 'code' in error ? String(error.code) : 'unknown';
}
