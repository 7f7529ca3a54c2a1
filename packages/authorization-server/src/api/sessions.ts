import { endOtherSessions, listOwnerSessions } from '@aipassport/store/authorization';
import { idleSeconds } from '../account/owner-session.js';
import type { Dependencies } from '../dependencies.js';
import type { ApiCall, Specified } from './api-call.js';
import { unknownObject } from './refusals.js';
import { orNull } from './values.js';

/** `GET /api/account/sessions` */
export async function getSessions({ db }: Dependencies, { caller }: ApiCall): Promise<Specified['SessionList']> {
  const sessions = await listOwnerSessions(db, { accountId: caller.accountId }, { idleSeconds });
  return {
    sessions: sessions.map(({ publicId, device, createdAt, lastSeenAt }) => ({
      session_id: publicId,
      browser: orNull(device.browser),
      system: orNull(device.system),
      created_at: createdAt.toISOString(),
      last_seen_at: lastSeenAt.toISOString(),
    })),
  };
}

/** `DELETE /api/account/sessions`. A program has no session of its own, so all sessions end. */
export async function endSessions({ db }: Dependencies, { caller }: ApiCall): Promise<Specified['EndedSessions']> {
  const { accountId, tokenId: apiToken } = caller;
  return { sessions: await endOtherSessions(db, { accountId, apiToken }) };
}

/** `DELETE /api/account/sessions/:session_id` */
export async function endSession({ db }: Dependencies, { caller, value: only }: ApiCall): Promise<undefined> {
  const { accountId, tokenId: apiToken } = caller;
  if ((await endOtherSessions(db, { accountId, only, apiToken })) === 0) throw unknownObject();
}
