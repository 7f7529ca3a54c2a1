import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Bucket, BucketFailed, type BucketSettings } from './bucket.js';
import { seenName } from './journal-place.js';
import { JournalUnusable } from './read-journal.js';

/** How many objects are fetched at a time. */
const atATime = 16;

/**
 * Copies the journal of a bucket into an empty directory, as files that `replayJournal` reads. Their signatures are
 * verified there.
 * @param since only the files of this day (`2026-01-31`, UTC) and of later days; undefined: all
 * @returns the number of objects
 * @throws BucketFailed when the bucket does not answer or refuses
 * @throws JournalUnusable when an object before another one is missing
 */
export async function downloadJournal(settings: BucketSettings, directory: string, since?: string): Promise<number> {
  const bucket = new Bucket(settings);
  let count = 0;
  let group: string[] = [];
  const fetchGroup = async () => {
    const parts = await Promise.all(group.map((name) => fetchObject(bucket, name)));
    for (const [index, part] of parts.entries()) await appendFile(localFile(directory, group[index] ?? ''), part);
    group = [];
  };
  let last = '';
  for await (const name of bucket.list(since === undefined ? '' : `journal-${since}`)) {
    const [, file, digits] = /^(journal-[\w-]+\.jsonl)\/(\d{8})$/.exec(name) ?? [];
    if (file === undefined || digits === undefined) continue;
    // a bucket lists names in their order
    const expected = last.startsWith(`${file}/`) ? Number(last.slice(-8)) + 1 : 1;
    if (Number(digits) !== expected) throw new JournalUnusable(`An object before ${name} is missing in the bucket.`);
    last = name;
    count += 1;
    group.push(name);
    if (group.length === atATime) await fetchGroup();
  }
  await fetchGroup();
  const seen = await bucket.find(seenName);
  if (seen !== undefined) await writeFile(path.join(directory, seenName), seen);
  return count;
}

const localFile = (directory: string, name: string) => path.join(directory, name.slice(0, name.indexOf('/')));

async function fetchObject(bucket: Bucket, name: string): Promise<Buffer> {
  const found = await bucket.find(name);
  if (found === undefined) throw new BucketFailed(`GET ${name}: the object is gone`);
  return found;
}
