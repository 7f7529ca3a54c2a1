import * as oauth from 'oauth4webapi';
import { type AccessLimits, type AccessRequest, buildAccessParameters } from './access-request.js';
import { AuthorizationServer } from './authorization-server.js';
import type { ClientSettings } from './client-settings.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { type ConnectionTokens, readTokens } from './connection-tokens.js';
import { type DeviceAuthorization, requestDevice } from './device-authorization.js';

/** An authorization request in progress. Keep it, for instance in the session, until the browser comes back. */
export interface PendingAuthorization {
  readonly state: string;
  /** SECRET: never sent to another site. */
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

/** Where to send the owner's browser. */
export interface AuthorizationStart {
  readonly url: URL;
  readonly pending: PendingAuthorization;
}

/**
 * One client of one authorization server. It keeps no tokens and no authorization requests in progress: the caller
 * keeps them.
 */
export class AiClient {
  readonly #settings: ClientSettings;
  readonly #server: AuthorizationServer;
  readonly #proofs: oauth.DPoPHandle | undefined;

  constructor(settings: ClientSettings) {
    const { proofKeys } = settings;
    this.#settings = settings;
    this.#proofs = proofKeys && oauth.DPoP({}, proofKeys);
    this.#server = new AuthorizationServer(settings, this.#proofs);
  }

  /** Begins an authorization request, which asks the owner for access (RFC 6749 section 4.1, with PKCE). */
  async begin(request: AccessRequest): Promise<AuthorizationStart> {
    return this.#begin(buildAccessParameters(request));
  }

  /**
   * Begins an authorization request, which asks the owner to extend a grant.
   *
   * @param more its limits are the new totals, not the amounts to add
   * @returns undefined when the server cannot change this grant. Then send the owner to the `pageUrl` of the
   * `LimitReachedError`
   */
  async beginRaise(
    grantId: string | undefined,
    more: Partial<AccessRequest> & { readonly limits: AccessLimits },
  ): Promise<AuthorizationStart | undefined> {
    const { grant_management_actions_supported: actions } = await this.#server.getMetadata();
    if (grantId === undefined || !Array.isArray(actions) || !actions.includes('update')) return undefined;
    return this.#begin({ ...buildAccessParameters(more), grant_management_action: 'update', grant_id: grantId });
  }

  /**
   * Finishes the authorization request: redeems the code in the callback.
   *
   * @param callback the URL with which the owner's browser came back
   *
   * @throws AccessDeniedError, UnknownCallbackError, or AuthorizationFailedError
   */
  async finish(callback: URL, pending: PendingAuthorization, options: ConnectionOptions = {}): Promise<Connection> {
    const response = await this.#server.redeemCode(callback, pending);
    return this.#connect(readTokens(response, Date.now()), options);
  }

  /** Begins the device flow, for a program without a browser (RFC 8628). */
  async beginDevice(request: AccessRequest, options: ConnectionOptions = {}): Promise<DeviceAuthorization> {
    return requestDevice(this.#server, buildAccessParameters(request), (response) =>
      this.#connect(readTokens(response, Date.now()), options),
    );
  }

  /** Makes a connection from tokens that the caller has kept, without sending a request. */
  restore(tokens: ConnectionTokens, options: ConnectionOptions = {}): Connection {
    return new Connection({ settings: this.#settings, server: this.#server, proofs: this.#proofs, tokens, ...options });
  }

  /** Makes a new connection, and saves its tokens at once. */
  async #connect(tokens: ConnectionTokens, options: ConnectionOptions): Promise<Connection> {
    await options.save?.(tokens);
    return this.restore(tokens, options);
  }

  async #begin(parameters: Readonly<Record<string, string>>): Promise<AuthorizationStart> {
    const { redirectUri, clientId } = this.#settings;
    const { authorization_endpoint: endpoint } = await this.#server.getMetadata();
    if (redirectUri === undefined) throw new TypeError('The settings have no redirectUri.');
    if (endpoint === undefined) throw new TypeError('The authorization server names no authorization endpoint.');
    const pending = {
      state: oauth.generateRandomState(),
      codeVerifier: oauth.generateRandomCodeVerifier(),
      redirectUri,
    };
    const url = new URL(endpoint);
    url.search = new URLSearchParams({
      ...parameters,
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      state: pending.state,
      code_challenge: await oauth.calculatePKCECodeChallenge(pending.codeVerifier),
      code_challenge_method: 'S256',
      // Binds the authorization code, too, to the DPoP key of the proofs (RFC 9449 section 10).
      ...(this.#proofs && { dpop_jkt: await this.#proofs.calculateThumbprint() }),
    }).toString();
    return { url, pending };
  }
}
