import { utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { examineJournal } from '../src/commands/examine-journal.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
const now = new Date('2026-03-01T12:00:00Z');
const examine = (variables: Readonly<Record<string, string>>) => examineJournal({ variables, now: () => now });

function writeAgo(file: string, seconds: number): void {
  writeFileSync(file, '');
  const time = new Date(now.getTime() - seconds * 1000);
  utimesSync(file, time, time);
}

it('finds a journal that cannot be written, was not begun, or was last written more than a minute ago', () => {
  const directory = makeDirectory();
  const variables = { JOURNAL_DIRECTORY: directory };
  expect(examine({ JOURNAL_DIRECTORY: path.join(directory, 'missing') })).toEqual([
    { ok: false, text: expect.stringContaining('cannot be written (ENOENT)') },
  ]);
  writeAgo(path.join(directory, 'mark'), 2); // no batch
  expect(examine(variables)).toEqual([{ ok: false, text: expect.stringContaining('has no file of it') }]);
  writeAgo(path.join(directory, 'journal-2026-02-28-a-b.jsonl'), 43_200);
  writeAgo(path.join(directory, 'journal-2026-03-01-a-b.jsonl'), 61);
  expect(examine(variables)).toEqual([{ ok: false, text: expect.stringContaining('last written 61 seconds ago') }]);
  writeAgo(path.join(directory, 'journal-2026-03-01-a-b.jsonl'), 3);
  expect(examine(variables)).toEqual([{ ok: true, text: expect.stringContaining('last written 3 seconds ago') }]);
});

it('finds a restore mark that no server moves, and says nothing where neither is set', () => {
  const file = path.join(makeDirectory(), 'our-mark');
  writeAgo(file, 61);
  expect(examine({ RESTORE_MARK_FILE: file })).toEqual([{ ok: false, text: expect.stringContaining('restore mark') }]);
  writeAgo(file, 3);
  expect(examine({ RESTORE_MARK_FILE: file })).toMatchObject([{ ok: true }]);
  expect(examine({})).toEqual([]);
});
