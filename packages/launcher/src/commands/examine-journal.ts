import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { probeBucket } from '@aipassport/store';
import type { CommandContext } from './context.js';
import { readJournalBucket } from './downloaded-journal.js';
import { examineSpace } from './examine-space.js';
import type { Finding } from './finding.js';

/**
 * A batch is written at least every two seconds, and a mark is moved every five. If the last write is older than this,
 * writing counts as failed.
 */
const maxSecondsBetweenBatches = 60;

/** Checks the place of the journal, or the restore mark, of a server whose settings name one. */
export async function examineJournal(context: Pick<CommandContext, 'variables' | 'now'>): Promise<readonly Finding[]> {
  const { now, variables } = context;
  const { JOURNAL_DIRECTORY: journal, JOURNAL_BUCKET_URL: bucket, RESTORE_MARK_FILE: mark } = variables;
  if (journal)
    return [
      examineFiles({ what: 'journal', directory: journal, now, isWritten: isBatchFile }),
      ...(existsSync(journal) ? [examineSpace(journal, 'without a journal, the servers refuse every request')] : []),
    ];
  if (bucket) return [await examineBucket(context)];
  if (!mark) return [];
  const isWritten = (name: string) => name === path.basename(mark);
  return [examineFiles({ what: 'restore mark', directory: path.dirname(mark), now, isWritten })];
}

/** Writes the small object `doctor` beside the journal, since that is what the servers need to be able to do. */
async function examineBucket({ variables, now }: Pick<CommandContext, 'variables' | 'now'>): Promise<Finding> {
  const what = `journal: the bucket ${variables['JOURNAL_BUCKET_URL']}`;
  try {
    const settings = readJournalBucket(variables);
    if (settings === undefined) return { ok: true, text: `${what}: is not set` };
    const readAge = (at: Date) => Math.max(0, Math.round((now().getTime() - at.getTime()) / 1_000));
    const isRecent = (at: Date) => readAge(at) <= maxSecondsBetweenBatches;
    const { lastWrittenAt, refusesToReplace } = await probeBucket(settings, { now: now(), isRecent });
    if (!refusesToReplace)
      return {
        ok: false,
        text: `${what} replaces objects although it is told not to (\`If-None-Match\`), so a part of the journal could be lost: use a store that knows conditional writes`,
      };
    if (lastWrittenAt === undefined)
      return { ok: false, text: `${what} has no object of the journal from today or yesterday; ${advice}` };
    const text = `${what} was last written ${readAge(lastWrittenAt)} seconds ago`;
    return isRecent(lastWrittenAt) ? { ok: true, text } : { ok: false, text: `${text}; ${advice}` };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      text: `${what} cannot be used (${problem}): see “A journal in a bucket” in docs/operations.md for the rights of the access key`,
    };
  }
}

interface Written {
  readonly what: string;
  readonly directory: string;
  readonly now: () => Date;
  /** Whether a file of this name is one that servers write again and again. */
  readonly isWritten: (name: string) => boolean;
}

function examineFiles({ what, directory, now, isWritten }: Written): Finding {
  try {
    accessSync(directory, constants.W_OK);
    const times = readdirSync(directory)
      .filter(isWritten)
      .map((name) => statSync(path.join(directory, name)).mtimeMs);
    const seconds = Math.max(0, Math.round((now().getTime() - Math.max(...times)) / 1000));
    if (times.length === 0) return { ok: false, text: `${what}: ${directory} has no file of it; ${advice}` };
    const text = `${what}: last written ${seconds} seconds ago in ${directory}`;
    return seconds > maxSecondsBetweenBatches ? { ok: false, text: `${text}; ${advice}` } : { ok: true, text };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { ok: false, text: `${what}: ${directory} cannot be written (${code}): the servers need it` };
  }
}

const advice = 'run the servers, which write it; if they run, their log says why they do not';

const isBatchFile = (name: string) => /^journal-.*\.jsonl$/.test(name);
