import type { AccessRequest } from '../access-request.js';
import { AiClient, type AuthorizationStart } from '../ai-client.js';
import type { ClientSettings } from '../client-settings.js';
import type { Connection, ConnectionOptions } from '../connection.js';
import { type LoopbackListener, openLoopbackListener } from './loopback-listener.js';

export interface TerminalSettings extends Omit<ClientSettings, 'redirectUri'> {}

export interface TerminalOptions extends ConnectionOptions {
  /**
   * Whether to use the device flow, for a machine without a browser. If not, the browser of this machine is redirected
   * back to this program.
   */
  readonly usesDevice?: boolean;
  /** Shows one line to the person at the terminal. */
  readonly show: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Asks the owner for access from a terminal, and waits for the answer.
 *
 * @throws AccessDeniedError, AccessExpiredError, UnknownCallbackError, or AuthorizationFailedError
 */
export async function connectTerminal(
  settings: TerminalSettings,
  request: AccessRequest,
  options: TerminalOptions,
): Promise<Connection> {
  return options.usesDevice === true
    ? connectByDevice(settings, request, options)
    : withLoopback(settings, options, (client) => client.begin(request));
}

/**
 * Asks the owner to allow more of a grant, and waits for the answer.
 *
 * @param raise its limits are the new totals, not the amounts to add
 * @returns undefined when the server cannot change this grant. Then show the owner the `pageUrl` of the
 * `LimitReachedError`
 */
export async function raiseFromTerminal(
  settings: TerminalSettings,
  raise: { readonly connection: Connection; readonly limits: NonNullable<AccessRequest['limits']> },
  options: TerminalOptions,
): Promise<Connection | undefined> {
  const { connection, limits } = raise;
  return withLoopback(settings, options, (client) => client.beginRaise(connection.tokens.grantId, { limits }));
}

async function connectByDevice(
  settings: TerminalSettings,
  request: AccessRequest,
  { show, signal, save }: TerminalOptions,
): Promise<Connection> {
  const device = await new AiClient(settings).beginDevice(request, { ...(save && { save }) });
  show('Open in a browser:');
  show(device.verificationUriComplete ?? device.verificationUri);
  show(`The page must show the code ${device.userCode}.`);
  return device.wait(signal);
}

async function withLoopback<Start extends AuthorizationStart | undefined>(
  settings: TerminalSettings,
  options: TerminalOptions,
  begin: (client: AiClient) => Promise<Start>,
): Promise<Connection | (Start & undefined)> {
  const listener = await openLoopbackListener();
  try {
    const client = new AiClient({ ...settings, redirectUri: listener.redirectUri });
    const start = await begin(client);
    if (start === undefined) return start as Start & undefined; // TypeScript does not narrow the type
    return await finish(client, { listener, start }, options);
  } finally {
    listener.close();
  }
}

async function finish(
  client: AiClient,
  { listener, start: { url, pending } }: { readonly listener: LoopbackListener; readonly start: AuthorizationStart },
  { show, signal, save }: TerminalOptions,
): Promise<Connection> {
  show('Open in a browser:');
  show(url.href);
  const callback = await listener.waitForCallback(pending.state, signal);
  return client.finish(callback, pending, { ...(save && { save }) });
}
