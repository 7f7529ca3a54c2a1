import { noRepetition, type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import { claimNoticeCheck, listNoticeCandidates, sendNotice } from '@aipassport/store/authorization';
import type { Foundation } from '../foundation.js';

const pollMilliseconds = 2_000;
const intervalSeconds = 5 * 60;
/** The most accounts that one statement reads. */
const most = 500;

/**
 * Searches for events that owners must be told of. Of all servers together, only one begins a search every five minutes;
 * the database decides which one. Requests of apps do not wait for the search.
 */
export function startNoticeSearch({
  configuration,
  db,
  log,
}: Pick<Foundation, 'configuration' | 'db' | 'log'>): Repetition {
  if (configuration.mail.kind === 'off') return noRepetition;

  async function check(signal: AbortSignal): Promise<void> {
    if (!(await claimNoticeCheck(db, intervalSeconds))) return;
    for (let after: string | undefined = ''; after !== undefined && !signal.aborted; ) {
      const { candidates, last } = await listNoticeCandidates(db, { after, most });
      for (const candidate of candidates) await sendNotice(db, candidate);
      after = last;
    }
  }

  return repeatUntilClosed(pollMilliseconds, (signal) =>
    check(signal).catch((error: unknown) =>
      log.warn(
        { event: 'notice_check_failed', err: error },
        'the search for events to report by e-mail failed; a server searches again within about five minutes',
      ),
    ),
  );
}
