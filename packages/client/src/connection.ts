import type * as oauth from 'oauth4webapi';
import { type AccessError, AccessExpiredError, AccessRevokedError, AuthorizationFailedError } from './access-error.js';
import type { AuthorizationServer } from './authorization-server.js';
import type { ClientSettings } from './client-settings.js';
import { type ConnectionTokens, readTokens } from './connection-tokens.js';
import { readRefusal } from './read-refusal.js';
import { answerRefusal, isTokenRefused } from './refused-answer.js';
import { readSdkRequest, type SdkRequest, sendWithToken } from './sdk-request.js';

export interface ConnectionOptions {
  /** Stores the tokens, for instance in the session. The connection calls this with each new set and waits for it. */
  readonly save?: (tokens: ConnectionTokens) => void | Promise<void>;
}

interface ConnectionParts extends ConnectionOptions {
  readonly settings: ClientSettings;
  readonly server: AuthorizationServer;
  readonly proofs: oauth.DPoPHandle | undefined;
  readonly tokens: ConnectionTokens;
}

/** An access token is refreshed this long before it expires. */
const refreshMarginMilliseconds = 30_000;

/** The access that one owner allowed this client. */
export class Connection {
  readonly #parts: ConnectionParts;
  #tokens: ConnectionTokens;
  #renewal: Promise<void> | undefined;
  #end: AccessError | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#tokens = parts.tokens;
  }

  /** The present tokens. `AiClient.restore` makes a connection from them again. SECRET. */
  get tokens(): ConnectionTokens {
    return this.#tokens;
  }

  /** The scope that the owner granted. */
  get scope(): string {
    return this.#tokens.scope;
  }

  /**
   * A `fetch` for the AI providers' SDKs and for the proxy's own paths. It replaces the SDK's API key with the access
   * token, and adds a new proof if the token is bound to a DPoP key. It refreshes the access token before the token
   * expires, and when the proxy has refused the token. If the access has ended, this `fetch` answers 401, and `explain`
   * says why.
   *
   * @throws TypeError for a URL that is not the proxy's, because the token must not reach another server
   */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = await readSdkRequest(input, init, this.#parts.settings.resourceProxyUrl);
    if (this.#isNearExpiry && !(await this.#renews(this.#tokens.accessToken))) return answerRefusal(this.#end);
    const used = this.#tokens.accessToken;
    const response = await this.#send(request);
    if (!isTokenRefused(response) || !request.isRepeatable || !(await this.#renews(used))) return response;
    await response.body?.cancel();
    return this.#send(request);
  };

  /** Refreshes the tokens now. Simultaneous calls share one refresh, because a refresh token works once. */
  refresh(): Promise<void> {
    this.#renewal ??= this.#refresh().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /**
   * Says why a request was refused.
   *
   * @param refusal a Response, or the error of an SDK that was given `fetch`
   * @returns undefined for other problems, such as an error of the AI provider or a limit that ends after a short wait
   */
  async explain(refusal: unknown): Promise<AccessError | undefined> {
    return readRefusal(refusal, { issuer: this.#parts.settings.issuer, end: this.#end ?? this.#describeEnd() });
  }

  /** Revokes the grant (RFC 7009): all its tokens become invalid. */
  async revoke(): Promise<void> {
    await this.#parts.server.revoke(this.#tokens.refreshToken ?? this.#tokens.accessToken);
    this.#end = new AccessRevokedError();
  }

  get #isNearExpiry(): boolean {
    return this.#end !== undefined || Date.now() > this.#tokens.accessTokenExpiresAt - refreshMarginMilliseconds;
  }

  /** @returns whether there is a newer token than `accessToken`, after a refresh if necessary */
  async #renews(accessToken: string): Promise<boolean> {
    if (this.#end !== undefined) return false;
    if (this.#tokens.accessToken !== accessToken) return true;
    try {
      await this.refresh();
      return true;
    } catch (error) {
      // Another error, such as a failure of the network, does not end the access. The SDK can send its request again.
      if (error !== this.#end) throw error;
      return false;
    }
  }

  async #refresh(): Promise<void> {
    const { server, save } = this.#parts;
    if (this.#end !== undefined) throw this.#end;
    const { refreshToken } = this.#tokens;
    if (refreshToken === undefined) throw this.#endNow();
    try {
      this.#tokens = readTokens(await server.refresh(refreshToken), Date.now(), this.#tokens);
    } catch (error) {
      if (error instanceof AuthorizationFailedError && error.error === 'invalid_grant') throw this.#endNow(error);
      throw error;
    }
    await save?.(this.#tokens);
  }

  #endNow(cause?: unknown): AccessError {
    this.#end = this.#describeEnd(cause);
    return this.#end;
  }

  #describeEnd(cause?: unknown): AccessError {
    const { grantExpiresAt, refreshToken, accessTokenExpiresAt } = this.#tokens;
    const endsAt = grantExpiresAt ?? (refreshToken === undefined ? accessTokenExpiresAt : Number.POSITIVE_INFINITY);
    return Date.now() >= endsAt ? new AccessExpiredError({ cause }) : new AccessRevokedError({ cause });
  }

  #send(request: SdkRequest): Promise<Response> {
    const { settings, proofs } = this.#parts;
    return sendWithToken(request, { accessToken: this.#tokens.accessToken, proofs, settings });
  }
}
