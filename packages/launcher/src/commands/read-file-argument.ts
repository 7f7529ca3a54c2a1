import { readFileSync } from 'node:fs';

const standardInput = 0;

/** The content of a file that the command line names. `-` is the standard input. */
export function readFileArgument(file: string): string {
  return readFileSync(file === '-' ? standardInput : file, 'utf8');
}
