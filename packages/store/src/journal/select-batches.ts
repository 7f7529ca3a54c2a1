import { type FoundBatch, type Journal, JournalUnusable } from './read-journal.js';

/** The journal must reach to within this time of the last moment at which a server saw the database. */
const mostMissingMicroseconds = 10_000_000n;

/**
 * Selects what the restored database has not seen: the batches after its position.
 * @throws JournalUnusable when batches are missing at the beginning, in between or at the end
 */
export function selectBatches({ batches, lastSeen, lastPosition }: Journal, position: bigint): readonly FoundBatch[] {
  if (position === 0n)
    throw new JournalUnusable(
      'The backup is older than the journal, so the journal does not have all that is missing.',
    );
  // without such a batch, the journal ends before the backup
  if (!batches.some(({ to }) => to >= position))
    throw new JournalUnusable(`The journal does not reach the time of the backup, ${formatTime(position)}.`);
  const reached = new Set([position]);
  const later = batches.filter(({ to }) => to > position);
  for (const { from, to } of later) {
    // a batch that begins before the position is not a gap: it was written again after a crash
    if (!reached.has(from) && from > position)
      throw new JournalUnusable(`The journal has a gap: nothing leads to ${formatTime(from)}, where a batch begins.`);
    reached.add(to);
  }
  const end = later.at(-1)?.to ?? position;
  if (end < lastPosition)
    throw new JournalUnusable(
      `The journal ends at ${formatTime(end)}, and a server found the position ${formatTime(lastPosition)} in the database.`,
    );
  if (end < lastSeen - mostMissingMicroseconds)
    throw new JournalUnusable(
      `The journal ends at ${formatTime(end)}, and a server saw the database until ${formatTime(lastSeen)}.`,
    );
  return later;
}

/** @param microseconds since 1970 */
export function formatTime(microseconds: bigint): string {
  return new Date(Number(microseconds / 1_000n)).toISOString();
}
