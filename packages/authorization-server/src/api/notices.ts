import { chosenNotices, findMailSettings } from '@aipassport/store/authorization';
import { requireMail } from '../account/email.js';
import type { Dependencies } from '../dependencies.js';
import type { ApiCall, Specified } from './api-call.js';

/** `GET /api/account/notices`. @throws Denied 404 on a server that sends no e-mails */
export async function getNotices(
  deps: Dependencies,
  { caller: { accountId, email } }: ApiCall,
): Promise<Specified['NoticeSettings']> {
  requireMail(deps);
  const { isConfirmed, muted } = await findMailSettings(deps.db, accountId);
  const notices = chosenNotices.map((kind) => ({ kind, is_on: !muted.includes(kind) }));
  return { email, is_confirmed: isConfirmed, notices };
}
