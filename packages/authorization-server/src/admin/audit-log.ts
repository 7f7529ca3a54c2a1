import { insertAuditEvent } from '@aipassport/store/authorization';
import { queryText } from '../account/sign-in.js';
import { getAuditLog } from '../api/operator.js';
import type { Dependencies } from '../dependencies.js';
import type { AdminCall, Specified } from './admin-call.js';

const filters = ['event', 'email', 'client_id', 'cursor'] as const;

/** `GET /api/admin/audit`. This read adds a row to the audit log before it is answered. The answer omits this row. */
export async function readAuditLog(deps: Dependencies, call: AdminCall): Promise<Specified['AuditPage']> {
  const { accountId } = call.caller;
  const page = await getAuditLog(deps, call);
  const asked = filters.map((name) => [name, queryText(call.ctx, name)] as const).filter(([, value]) => value !== '');
  await insertAuditEvent(deps.db, {
    event: 'audit_log_read',
    ...(accountId !== undefined && { accountId }),
    detail: Object.fromEntries(asked),
  });
  return page;
}
