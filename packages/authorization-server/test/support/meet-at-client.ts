import type { Database } from '@aipassport/store';
import { waitForLocks } from '@aipassport/store/testing';

/**
 * Sends requests that change one client, and keeps its row locked until all of them wait. So each request has read the
 * client before another one changes it.
 */
export async function meetAtClient<Result>(
  db: Database,
  clientId: string,
  send: () => readonly Promise<Result>[],
): Promise<readonly Result[]> {
  const sent = await db.transaction().execute(async (transaction) => {
    await transaction.selectFrom('clients').select('id').where('id', '=', clientId).forUpdate().execute();
    const requests = send();
    await waitForLocks(db, requests.length);
    return { requests };
  });
  return Promise.all(sent.requests);
}
