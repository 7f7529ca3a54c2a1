import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { CommandContext } from './context.js';
import type { Finding } from './finding.js';

/**
 * A batch is written every two seconds, and a mark is moved every five. If the last write is older than this, writing
 * counts as failed.
 */
const mostSeconds = 60;

/** Checks the directory of the journal, or the restore mark, of a server whose settings name one. */
export function examineJournal({ variables, now }: Pick<CommandContext, 'variables' | 'now'>): readonly Finding[] {
  const { JOURNAL_DIRECTORY: journal, RESTORE_MARK_FILE: mark } = variables;
  if (journal) return [examineFiles({ what: 'journal', directory: journal, now, isWritten: isBatchFile })];
  if (!mark) return [];
  const isWritten = (name: string) => name === path.basename(mark);
  return [examineFiles({ what: 'restore mark', directory: path.dirname(mark), now, isWritten })];
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
    return seconds > mostSeconds ? { ok: false, text: `${text}; ${advice}` } : { ok: true, text };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { ok: false, text: `${what}: ${directory} cannot be written (${code}): the servers need it` };
  }
}

const advice = 'run the servers, which write it; if they run, their log says why they do not';

const isBatchFile = (name: string) => /^journal-.*\.jsonl$/.test(name);
