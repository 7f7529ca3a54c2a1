import type { OwnerSession } from '@aipassport/store/authorization';
import { requireOwner } from '../account/require-owner.js';
import { devicePath } from '../account/return-to.js';
import { seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { type DeviceRequest, deviceRequestOver, findDeviceRequest } from './find-device-request.js';
import { readSignedUserCode } from './user-codes.js';

/**
 * The request whose code the signed-in owner has entered.
 * @param segment the last segment of the path, which `signUserCode` made
 * @returns undefined when the browser has been sent to sign in, or to enter the code because this account has not
 * entered it
 * @throws Denied when the request has ended
 */
export async function requireEnteredCode(
  deps: Dependencies,
  ctx: Context,
  segment: string,
): Promise<{ readonly owner: OwnerSession; readonly device: DeviceRequest } | undefined> {
  const owner = await requireOwner(deps, ctx, formatPath(paths.deviceRequest, segment));
  if (owner === undefined) return undefined;
  const entered = readSignedUserCode(deps.configuration, owner.accountId, segment);
  if (entered?.isGenuine !== true) {
    seeOther(ctx, devicePath(entered?.userCode));
    return undefined;
  }
  const device = await findDeviceRequest(deps, owner, entered.userCode);
  if (device === undefined) throw deviceRequestOver();
  return { owner, device };
}
