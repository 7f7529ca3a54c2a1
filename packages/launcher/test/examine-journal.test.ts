import { utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BucketFault, BucketStub } from '@aipassport/store/testing';
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

it('finds a journal that cannot be written, was not begun, or was last written more than a minute ago', async () => {
  const directory = makeDirectory();
  const variables = { JOURNAL_DIRECTORY: directory };
  expect(await examine({ JOURNAL_DIRECTORY: path.join(directory, 'missing') })).toEqual([
    { ok: false, text: expect.stringContaining('cannot be written (ENOENT)') },
  ]);
  writeAgo(path.join(directory, 'mark'), 2); // the restore mark is not a file of the journal
  expect(await examine(variables)).toMatchObject([
    { ok: false, text: expect.stringContaining('has no file of it') },
    {},
  ]);
  writeAgo(path.join(directory, 'journal-2026-02-28-a-b.jsonl'), 43_200);
  writeAgo(path.join(directory, 'journal-2026-03-01-a-b.jsonl'), 61);
  expect(await examine(variables)).toMatchObject([{}, {}]);
  expect((await examine(variables)).slice(0, 1)).toEqual([
    { ok: false, text: expect.stringContaining('last written 61 seconds ago') },
  ]);
  writeAgo(path.join(directory, 'journal-2026-03-01-a-b.jsonl'), 3);
  expect(await examine(variables)).toEqual([
    { ok: true, text: expect.stringContaining('last written 3 seconds ago') },
    { ok: true, text: expect.stringMatching(`${directory}: [\\d.]+ GB of its disk are free`) },
  ]);
});

it('finds a restore mark that no server moves, and says nothing when neither a journal nor a restore mark is set', async () => {
  const file = path.join(makeDirectory(), 'our-mark');
  writeAgo(file, 61);
  expect(await examine({ RESTORE_MARK_FILE: file })).toEqual([
    { ok: false, text: expect.stringContaining('restore mark') },
  ]);
  writeAgo(file, 3);
  expect(await examine({ RESTORE_MARK_FILE: file })).toMatchObject([{ ok: true }]);
  expect(await examine({})).toEqual([]);
});

it('examines a journal in a bucket: whether the bucket answers, takes new objects, keeps old ones, and has a new batch', async () => {
  const stub = await BucketStub.start();
  const judge = async (fault?: BucketFault) => {
    stub.fault = fault;
    return await examine(stub.variables);
  };
  const fault = (text: string) => [{ ok: false, text: expect.stringContaining(text) }];
  const write = (day: string, seconds: number) => {
    const name = `instance-1/journal-${day}-writer-0.jsonl/0000000${stub.objects.size}`;
    stub.objects.set(name, Buffer.from('a batch'));
    stub.modifiedAt.set(name, new Date(now.getTime() - seconds * 1_000));
  };
  stub.pageSize = 1;
  expect(await judge()).toEqual(fault('has no object of the journal from today or yesterday'));
  write('2026-02-28', 43_300);
  write('2026-02-28', 43_200);
  expect(await judge()).toEqual(fault('was last written 43200 seconds ago'));
  write('2026-03-01', 61);
  expect(await judge()).toEqual(fault('was last written 61 seconds ago; run the servers'));
  write('2026-03-01', 3);
  expect(await judge()).toEqual([{ ok: true, text: expect.stringContaining('was last written 3 seconds ago') }]);
  expect(await judge('refuses')).toEqual(fault('cannot be used (PUT doctor: the bucket answered 503 (SlowDown))'));
  expect(await judge('lists not')).toEqual(fault('LIST: the bucket answered 403 (AccessDenied)'));
  expect(await judge('replaces')).toEqual(fault('replaces objects although it is told not to'));
  const { JOURNAL_BUCKET_SECRET_ACCESS_KEY: _secret, ...withoutSecret } = stub.variables;
  expect(await examine(withoutSecret)).toEqual(fault('JOURNAL_BUCKET_URL needs'));
  expect(await examine({ ...withoutSecret, JOURNAL_BUCKET_SECRET_ACCESS_KEY: 'a wrong secret' })).toEqual(
    fault('the bucket answered 403 (SignatureDoesNotMatch)'),
  );
  await stub.close();
  expect(await judge()).toEqual(fault('cannot be used (PUT doctor: ECONNREFUSED)'));
});
