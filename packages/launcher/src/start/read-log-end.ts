import { readFileSync } from 'node:fs';

const shownLines = 15;

/**
 * The path and the last lines of a log, for people who do not know yet where the log is. Only the path if the log
 * cannot be read.
 */
export function readLogEnd(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-shownLines);
    return `The end of ${file}:\n${lines.join('\n')}`;
  } catch {
    return `See ${file}`;
  }
}
