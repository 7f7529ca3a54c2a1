import type { LimitReachedError } from '../access-error.js';
import type { AccessLimits, AccessRequest } from '../access-request.js';
import { AiClient, type AuthorizationStart, type PendingAuthorization } from '../ai-client.js';
import type { ClientSettings } from '../client-settings.js';
import type { Connection, ConnectionOptions } from '../connection.js';
import type { ConnectionTokens } from '../connection-tokens.js';
import { openProofKeys } from './proof-keys.js';

export interface BrowserSettings extends Omit<ClientSettings, 'clientSecret' | 'proofKeys'> {
  /** The page to which the owner's browser returns. That page has to call `resume`. */
  readonly redirectUri: string;
  /**
   * Where the client keeps the tokens. `memory`: they are lost when the browser leaves the page. `session`: they are in
   * the session storage of this tab, so they survive a reload. In both cases the tokens are bound to a DPoP key that
   * cannot leave this browser.
   */
  readonly keepsTokensIn?: 'memory' | 'session';
}

/** A client in a page, without a server. Its tokens are bound to a DPoP key of this browser. */
export class BrowserClient {
  readonly #client: AiClient;
  readonly #options: ConnectionOptions;
  readonly #prefix: string;
  #resuming: Promise<Connection | undefined> | undefined;

  private constructor(client: AiClient, prefix: string, isKept: boolean) {
    this.#client = client;
    this.#prefix = prefix;
    this.#options = isKept ? { save: (tokens) => this.#write('tokens', tokens) } : {};
  }

  static async open(settings: BrowserSettings): Promise<BrowserClient> {
    const { issuer, clientId } = settings;
    const name = `${issuer} ${clientId}`;
    const client = new AiClient({ ...settings, proofKeys: await openProofKeys(name) });
    return new BrowserClient(client, `aipassport ${name}`, settings.keepsTokensIn === 'session');
  }

  /**
   * Sends the owner to the consent page. Call it when the owner presses the button for connecting. The browser leaves
   * the page.
   */
  async connect(request: AccessRequest): Promise<void> {
    this.#leave(await this.#client.begin(request));
  }

  /**
   * Call this once when the page is loaded. If the owner has just come back from the consent page, it finishes the
   * authorization request and removes the parameters of the callback from the page's URL.
   *
   * @returns undefined when there is no connection
   * @throws the errors of `AiClient.finish`. After an error, the next call returns the earlier connection if its tokens
   * are in the session storage
   */
  resume(): Promise<Connection | undefined> {
    this.#resuming ??= this.#resume().finally(() => {
      this.#resuming = undefined;
    });
    return this.#resuming;
  }

  /**
   * Call this after a 402. It sends the owner to a page where the owner can allow more. If the limit belongs to the
   * grant and the server can change the grant, the owner comes back to the redirect URI, and `resume` returns the
   * connection. Otherwise the `pageUrl` of `reached` opens in a new tab. If there is no `pageUrl`, nothing happens.
   *
   * @param limits the new totals, not the amounts to add
   */
  async raise(connection: Connection, reached: LimitReachedError, limits: AccessLimits): Promise<void> {
    const start = reached.isOfGrant ? await this.#client.beginRaise(connection.tokens.grantId, { limits }) : undefined;
    if (start !== undefined) this.#leave(start);
    else if (reached.pageUrl !== undefined) window.open(reached.pageUrl, '_blank', 'noopener');
  }

  /** Ends the grant at the server, and removes its tokens from this tab. */
  async disconnect(connection: Connection): Promise<void> {
    sessionStorage.removeItem(`${this.#prefix} tokens`);
    await connection.revoke();
  }

  async #resume(): Promise<Connection | undefined> {
    const pending = this.#takePending();
    if (pending !== undefined) return this.#client.finish(takeCallback(), pending, this.#options);
    const tokens = this.#read<ConnectionTokens>('tokens');
    return tokens && this.#client.restore(tokens, this.#options);
  }

  #leave({ url, pending }: AuthorizationStart): void {
    this.#write('pending', pending);
    location.assign(url);
  }

  /**
   * The authorization request whose callback is this page's URL. undefined when the URL is not a callback for
   * this tab.
   */
  #takePending(): PendingAuthorization | undefined {
    const parameters = new URL(location.href).searchParams;
    const pending = this.#read<PendingAuthorization>('pending');
    const isCallback = parameters.has('code') || parameters.has('error');
    if (!isCallback || pending === undefined || parameters.get('state') !== pending.state) return undefined;
    sessionStorage.removeItem(`${this.#prefix} pending`);
    return pending;
  }

  #write(name: string, value: unknown): void {
    sessionStorage.setItem(`${this.#prefix} ${name}`, JSON.stringify(value));
  }

  /** Does not check the value: only this class writes the entries whose names begin with this prefix. */
  #read<Value>(name: string): Value | undefined {
    const text = sessionStorage.getItem(`${this.#prefix} ${name}`);
    return text === null ? undefined : (JSON.parse(text) as Value);
  }
}

/**
 * Returns the page's URL with the parameters of the callback. Removes them from the address bar, so that a reload
 * does not send the callback again.
 */
function takeCallback(): URL {
  const callback = new URL(location.href);
  const rest = new URL(callback);
  for (const name of ['code', 'state', 'iss', 'error', 'error_description']) rest.searchParams.delete(name);
  history.replaceState(history.state, '', rest);
  return callback;
}
