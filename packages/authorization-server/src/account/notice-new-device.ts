import { insertNotice } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { describeDevice } from './describe-device.js';

/** Tells an owner of a sign-in from a browser that did not sign in to the account before. `db` is a transaction. */
export async function noticeNewDevice(
  { db }: Pick<Dependencies, 'db'>,
  ctx: Context,
  accountId: string,
): Promise<void> {
  const { browser = null, system = null } = describeDevice(ctx.get('User-Agent'));
  await insertNotice(db, { accountId, kind: 'new_device', detail: { browser, system } });
}
