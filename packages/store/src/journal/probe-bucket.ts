import { Bucket, BucketFailed, type BucketSettings } from './bucket.js';

/**
 * The object that a probe writes. Its name does not look like the name of a part of a journal, so a reader of the
 * journal ignores it.
 */
const probeName = 'doctor';
const dayMilliseconds = 86_400_000;

export interface BucketReport {
  /** When the newest object of a journal was written; undefined: there is none of today or yesterday (UTC). */
  readonly lastWrittenAt: Date | undefined;
  /** Whether the store refuses to replace an object when it is told to create one, which the journal relies on. */
  readonly refusesToReplace: boolean;
}

/**
 * Tries what servers do with the bucket of a journal: writes a small object, tries to create it again, and lists the
 * journal of today, and that of yesterday if there is none of today.
 *
 * @param isRecent ends the search for the newest object when it finds one that was written recently enough
 * @throws BucketFailed when the bucket does not answer or refuses
 */
export async function probeBucket(
  settings: BucketSettings,
  { now, isRecent }: { readonly now: Date; readonly isRecent: (at: Date) => boolean },
): Promise<BucketReport> {
  const bucket = new Bucket(settings);
  await bucket.replace(probeName, `${now.toISOString()}\n`);
  const refusesToReplace = await bucket.create(probeName, Buffer.from('replaced\n')).then(
    () => false,
    (error: unknown) => {
      if (error instanceof BucketFailed && error.status === 412) return true;
      throw error;
    },
  );
  const today = await findNewest(bucket, now, isRecent);
  const yesterday = new Date(now.getTime() - dayMilliseconds);
  return { lastWrittenAt: today ?? (await findNewest(bucket, yesterday, isRecent)), refusesToReplace };
}

/** Lists the objects of a day, which are sorted by name and not by time, until one is recent or all were listed. */
async function findNewest(bucket: Bucket, day: Date, isRecent: (at: Date) => boolean): Promise<Date | undefined> {
  let newest: Date | undefined;
  for await (const { modifiedAt } of bucket.listObjects(`journal-${day.toISOString().slice(0, 10)}-`)) {
    if (modifiedAt === undefined) continue;
    if (newest === undefined || modifiedAt > newest) newest = modifiedAt;
    if (isRecent(newest)) return newest;
  }
  return newest;
}
