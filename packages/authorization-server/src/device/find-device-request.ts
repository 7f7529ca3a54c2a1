import { type DeviceCode, findDeviceCode } from '@aipassport/store/authorization';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { readAccessRequest } from '../oidc/access-request.js';
import { readDeviceCode, type StoredDeviceCode } from '../oidc/engine/device-codes.js';
import { asksForNewGrant } from '../oidc/grant-management/change-request.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import { hashUserCode, signUserCode } from './user-codes.js';

/** The parts of a request from a terminal that an owner may see, and the owner's decision. */
export interface DeviceRequest {
  readonly idHash: string;
  /** Undefined: the owner has not decided yet. */
  readonly decision: 'allowed' | 'denied' | undefined;
  /** Undefined until the owner has allowed the request. */
  readonly grantId: string | undefined;
  readonly params: StoredDeviceCode['params'];
  readonly consent: ConsentRequest;
}

/**
 * Finds the live request with this user code. Undefined when there is none, or when another owner has decided on it.
 * The caller must first count the guess (`requireGuess`), unless this owner has already entered the user code.
 */
export async function findDeviceRequest(
  { db, configuration }: Pick<Dependencies, 'db' | 'configuration'>,
  owner: { readonly accountId: string },
  userCode: string,
): Promise<DeviceRequest | undefined> {
  const code = await findDeviceCode(db, hashUserCode(configuration, userCode));
  if (code === undefined) return undefined;
  const stored = readDeviceCode(code.payload);
  if (stored.accountId !== undefined && stored.accountId !== owner.accountId) return undefined;
  const { accountId } = owner;
  const segment = signUserCode(configuration, accountId, userCode);
  return {
    idHash: code.idHash,
    decision: findDecision(stored),
    grantId: code.grantId,
    params: stored.params,
    consent: {
      uid: nameRequest(code),
      action: formatPath(paths.deviceConsent, segment),
      summaryAction: formatPath(paths.deviceSummary, segment),
      returnPath: formatPath(paths.deviceRequest, segment),
      accountId,
      clientId: stored.clientId,
      destination: { kind: 'terminal', userCode },
      request: readAccessRequest(stored.params, configuration.models),
      wantsAnother: asksForNewGrant(stored.params),
    },
  };
}

export function deviceRequestOver(): Denied {
  return new Denied({ reason: 'device_request_over' });
}

function findDecision({ accountId, isDenied }: StoredDeviceCode): DeviceRequest['decision'] {
  if (accountId === undefined) return undefined;
  return isDenied ? 'denied' : 'allowed';
}

/** An identifier for the request. The prefix makes it different from the identifier of every interaction. */
function nameRequest({ idHash }: DeviceCode): string {
  return `device:${idHash}`;
}
