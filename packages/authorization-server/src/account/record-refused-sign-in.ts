import { insertAuditEvent } from '@aipassport/store/authorization';
import type { Foundation } from '../foundation.js';
import type { RefusedCredential } from '../metrics/authorization-metrics.js';

interface RefusedSignIn {
  readonly by: RefusedCredential;
  /** undefined: no account has this e-mail address. */
  readonly accountId: string | undefined;
}

/**
 * Records a sign-in that was refused.
 * @param within `db` may be a transaction
 */
export async function recordRefusedSignIn(
  { db, metrics }: Pick<Foundation, 'db' | 'metrics'>,
  { by, accountId }: RefusedSignIn,
): Promise<void> {
  metrics.signInFailures.inc({ by });
  // the activity page has words only for `code` and `passkey`
  const detail = by === 'code' || by === 'passkey' ? { by } : undefined;
  await insertAuditEvent(db, {
    event: 'sign_in_refused',
    ...(accountId !== undefined && { accountId }),
    ...(detail && { detail }),
  });
}
