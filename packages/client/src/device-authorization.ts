import type * as oauth from 'oauth4webapi';
import { AccessExpiredError, AuthorizationFailedError } from './access-error.js';
import type { AuthorizationServer } from './authorization-server.js';
import type { Connection } from './connection.js';
import { pause } from './pause.js';

/** What a terminal shows while it waits for the owner. */
export interface DeviceAuthorization {
  /** The owner compares it with the code on the page, or types it. */
  readonly userCode: string;
  /** The URL of the page where the owner types the code. It is short enough to type. */
  readonly verificationUri: string;
  /** The same URL with the code in it, for a link or a QR code. */
  readonly verificationUriComplete: string | undefined;
  readonly lifetimeSeconds: number;
  /**
   * Polls until the owner has decided.
   *
   * @throws AccessDeniedError, AccessExpiredError, or AuthorizationFailedError
   */
  wait(signal?: AbortSignal): Promise<Connection>;
}

/**
 * The interval between polls when the response has none (RFC 8628 section 3.2), and the amount that `slow_down` adds to
 * the interval (section 3.5).
 */
const defaultIntervalSeconds = 5;

/** Asks for a device code, and polls for its tokens. */
export async function requestDevice(
  server: AuthorizationServer,
  parameters: Readonly<Record<string, string>>,
  connect: (response: oauth.TokenEndpointResponse) => Promise<Connection>,
): Promise<DeviceAuthorization> {
  const device = await server.requestDeviceCode(parameters);
  const endsAt = Date.now() + device.expires_in * 1_000;
  return {
    userCode: device.user_code,
    verificationUri: device.verification_uri,
    verificationUriComplete: device.verification_uri_complete,
    lifetimeSeconds: device.expires_in,
    async wait(signal) {
      let intervalSeconds = device.interval ?? defaultIntervalSeconds;
      while (Date.now() < endsAt) {
        await pause(intervalSeconds * 1_000, signal);
        try {
          return await connect(await server.redeemDeviceCode(device.device_code));
        } catch (error) {
          intervalSeconds += readDelay(error);
        }
      }
      throw new AccessExpiredError();
    },
  };
}

/** @returns the seconds to add to the interval between polls. @throws the error, when it ends the polling */
function readDelay(error: unknown): number {
  if (error instanceof AuthorizationFailedError && error.error === 'authorization_pending') return 0;
  if (error instanceof AuthorizationFailedError && error.error === 'slow_down') return defaultIntervalSeconds;
  throw error;
}
