import { insertAuditEvent, insertNotice, setFirstTimeZone } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Foundation } from '../foundation.js';
import type { SignInWay } from '../metrics/authorization-metrics.js';
import { describeDevice } from './describe-device.js';
import { findKnownDevice } from './device-cookie.js';
import { requireFewSignIns } from './guessing-limits.js';
import { startOwnerSession } from './owner-session.js';

interface SignIn {
  readonly accountId: string;
  /** The account's e-mail address. */
  readonly email: string;
  /** What the owner used to sign in: a passkey alone, or a code after the password, for instance. */
  readonly by: SignInWay;
  /** How many seconds ago the owner proved their identity. Default: 0. */
  readonly authenticatedSecondsAgo?: number;
  /** The time zone of the browser, for an account whose time zone is not known yet. */
  readonly timeZone?: string | undefined;
}

/**
 * Starts a session of an account whose owner has just signed in. The owner gets a notice, unless this is the account
 * that signed in last in this browser.
 * @param within `db` is a transaction that holds the lock of the account
 * @throws Denied 429 when the account has signed in too often
 */
export async function recordSignIn(
  within: Pick<Foundation, 'db' | 'configuration' | 'metrics'>,
  ctx: Context,
  { accountId, email, by, authenticatedSecondsAgo = 0, timeZone }: SignIn,
): Promise<void> {
  const { db, metrics } = within;
  await requireFewSignIns(db, { accountId, by });
  await startOwnerSession({ ...within, authenticatedSecondsAgo, isByPasskey: by === 'passkey' }, ctx, accountId);
  if (timeZone !== undefined) await setFirstTimeZone(db, accountId, timeZone);
  if (findKnownDevice(within, ctx, email) === undefined) {
    const { browser = null, system = null } = describeDevice(ctx.get('User-Agent'));
    await insertNotice(db, { accountId, kind: 'new_device', detail: { browser, system } });
  }
  // the activity page has no words for these two ways
  const isNamed = by !== 'password' && by !== 'identity_provider';
  await insertAuditEvent(db, { event: 'signed_in', accountId, ...(isNamed && { detail: { by } }) });
  metrics.signIns.inc({ by });
}
