import type { OwnerSession } from '@aipassport/store/authorization';
import type { AuthorizationDetail } from 'oidc-provider';
import { oauthError } from '../describe-oauth-denial.js';

type Payload = Readonly<Record<string, unknown>>;

/** The request of a terminal, and what its owner decided. */
export interface StoredDeviceCode {
  readonly clientId: string;
  /** The parameters of the device authorization request. */
  readonly params: Payload;
  /** The account that decided; undefined when the request has no decision. */
  readonly accountId: string | undefined;
  readonly isDenied: boolean;
}

/**
 * Reads a device code that oidc-provider has stored.
 *
 * Assumption: the row of a device code has the client in clientId and the parameters of its request in params.
 * Assumption: a device code whose row is found after it has expired is refused with expired_token.
 */
export function readDeviceCode({ clientId, params, accountId, error }: Payload): StoredDeviceCode {
  return {
    clientId: String(clientId),
    params: (params ?? {}) as Payload, // an object, by the assumption
    accountId: typeof accountId === 'string' ? accountId : undefined,
    isDenied: error !== undefined,
  };
}

export interface AllowedDevice {
  readonly accountId: string;
  readonly grantId: string;
  /** All scope tokens of the tokens to be issued. */
  readonly scope: string;
  readonly resource: string;
  readonly authorizationDetails: readonly AuthorizationDetail[];
  /** Seconds since the epoch. */
  readonly authTime: number;
}

/**
 * The members that oidc-provider reads when the terminal redeems an allowed device code.
 *
 * Assumption: a device code is redeemed with the accountId, grantId, scope, resource and rar of its row.
 */
export function describeAllowed({ authorizationDetails, ...allowed }: AllowedDevice): Payload {
  return { ...allowed, rar: authorizationDetails, amr: ['pwd'] };
}

/**
 * The members of a denied device code. The account is that of the owner who denied it.
 *
 * Assumption: a device code whose row has an error is refused with that error.
 */
export function describeDenied({ accountId }: Pick<OwnerSession, 'accountId'>): Payload {
  const { error, error_description: errorDescription } = oauthError({ reason: 'owner_denied' });
  return { accountId, error, errorDescription };
}
