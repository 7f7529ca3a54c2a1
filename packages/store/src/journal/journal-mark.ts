import path from 'node:path';

/** The restore mark in the directory of a journal. */
export const journalMark = (directory: string) => path.join(directory, 'mark');
