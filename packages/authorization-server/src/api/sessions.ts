import { listOwnerSessions } from '@aipassport/store/authorization';
import { idleSeconds } from '../account/owner-session.js';
import type { Dependencies } from '../dependencies.js';
import type { ApiCall, Specified } from './api-call.js';
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
