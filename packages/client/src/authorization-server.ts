import * as oauth from 'oauth4webapi';
import {
  AccessDeniedError,
  AccessExpiredError,
  AuthorizationFailedError,
  UnknownCallbackError,
} from './access-error.js';
import type { ClientSettings } from './client-settings.js';
import { isOnThisMachine } from './is-on-this-machine.js';

/** Sends requests of one client to its authorization server. The first request reads the server's metadata. */
export class AuthorizationServer {
  readonly #settings: ClientSettings;
  readonly #client: oauth.Client;
  readonly #authentication: oauth.ClientAuth;
  readonly #proofs: oauth.DPoPHandle | undefined;
  #metadata: Promise<oauth.AuthorizationServer> | undefined;

  constructor(settings: ClientSettings, proofs: oauth.DPoPHandle | undefined) {
    const { clientId, clientSecret } = settings;
    this.#settings = settings;
    this.#client = { client_id: clientId };
    this.#authentication = clientSecret === undefined ? oauth.None() : oauth.ClientSecretBasic(clientSecret);
    this.#proofs = proofs;
  }

  /** Reads the server's metadata once (RFC 8414). After a failure, the next call tries again. */
  getMetadata(): Promise<oauth.AuthorizationServer> {
    this.#metadata ??= this.#discover().catch((error: unknown) => {
      this.#metadata = undefined;
      throw error;
    });
    return this.#metadata;
  }

  /** Checks `state` and `iss` (RFC 9207) of a callback, and redeems its code. */
  async redeemCode(
    callback: URL,
    pending: { readonly state: string; readonly codeVerifier: string; readonly redirectUri: string },
  ): Promise<oauth.TokenEndpointResponse> {
    const server = await this.getMetadata();
    const parameters = readCallback(server, this.#client, callback, pending.state);
    return this.#requestTokens(async (options) => {
      const { redirectUri, codeVerifier } = pending;
      const client = this.#client;
      const authentication = this.#authentication;
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        parameters,
        redirectUri,
        codeVerifier,
        options,
      );
      return oauth.processAuthorizationCodeResponse(server, client, response);
    });
  }

  async refresh(refreshToken: string): Promise<oauth.TokenEndpointResponse> {
    const server = await this.getMetadata();
    return this.#requestTokens(async (options) => {
      const response = await oauth.refreshTokenGrantRequest(
        server,
        this.#client,
        this.#authentication,
        refreshToken,
        options,
      );
      return oauth.processRefreshTokenResponse(server, this.#client, response);
    });
  }

  /** Revokes a token (RFC 7009). Revoking any token of a grant ends the grant. */
  async revoke(token: string): Promise<void> {
    const server = await this.getMetadata();
    const response = await oauth.revocationRequest(server, this.#client, this.#authentication, token, this.#options);
    await explain(() => oauth.processRevocationResponse(response));
  }

  /** Asks for a device code and a user code (RFC 8628 section 3.1). */
  async requestDeviceCode(parameters: Readonly<Record<string, string>>): Promise<oauth.DeviceAuthorizationResponse> {
    const server = await this.getMetadata();
    if (server.device_authorization_endpoint === undefined)
      throw new AuthorizationFailedError('unsupported_grant_type: this server has no device flow');
    const response = await oauth.deviceAuthorizationRequest(
      server,
      this.#client,
      this.#authentication,
      { ...parameters },
      this.#options,
    );
    return explain(() => oauth.processDeviceAuthorizationResponse(server, this.#client, response));
  }

  /** Polls once for the tokens of a device code (RFC 8628 section 3.4). */
  async redeemDeviceCode(deviceCode: string): Promise<oauth.TokenEndpointResponse> {
    const server = await this.getMetadata();
    return this.#requestTokens(async (options) => {
      const response = await oauth.deviceCodeGrantRequest(
        server,
        this.#client,
        this.#authentication,
        deviceCode,
        options,
      );
      return oauth.processDeviceCodeResponse(server, this.#client, response);
    });
  }

  /**
   * Requests tokens, with a DPoP proof if this client has a DPoP key. If the server requires its own nonce in the
   * proof, sends the request again with that nonce.
   */
  async #requestTokens(
    request: (options: oauth.TokenEndpointRequestOptions) => Promise<oauth.TokenEndpointResponse>,
  ): Promise<oauth.TokenEndpointResponse> {
    const options = { ...this.#options, ...(this.#proofs && { DPoP: this.#proofs }) };
    return explain(() =>
      request(options).catch((error: unknown) => {
        if (!oauth.isDPoPNonceError(error)) throw error;
        return request(options);
      }),
    );
  }

  async #discover(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(this.#settings.issuer);
    const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...this.#options });
    return oauth.processDiscoveryResponse(issuer, response);
  }

  get #options() {
    const { issuer, fetch } = this.#settings;
    return {
      // Plain http is allowed only for a server on this machine. Elsewhere the authorization server requires TLS.
      [oauth.allowInsecureRequests]: isOnThisMachine(issuer),
      ...(fetch && { [oauth.customFetch]: fetch as never }), // the library's own type is narrower
    };
  }
}

function readCallback(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  callback: URL,
  state: string,
): URLSearchParams {
  try {
    return oauth.validateAuthResponse(server, client, callback, state);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) throw describeOAuthError(error.error, error);
    throw new UnknownCallbackError({ cause: error });
  }
}

/**
 * Converts the OAuth errors of an action to the errors of this library. Other failures, such as a network failure, stay
 * as they are.
 */
async function explain<Result>(action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) throw describeOAuthError(error.error, error);
    // A server may answer failed client authentication with a challenge (RFC 6749 section 5.2).
    if (error instanceof oauth.WWWAuthenticateChallengeError)
      throw describeOAuthError(error.status === 401 ? 'invalid_client' : 'invalid_request', error);
    throw error;
  }
}

function describeOAuthError(error: string, cause: unknown) {
  if (error === 'access_denied') return new AccessDeniedError({ cause });
  if (error === 'expired_token') return new AccessExpiredError({ cause });
  return new AuthorizationFailedError(error, { cause });
}
