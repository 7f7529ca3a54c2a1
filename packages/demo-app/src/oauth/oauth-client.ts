import { setTimeout as sleep } from 'node:timers/promises';
import * as oauth from 'openid-client';
import type { Log } from '../log.js';
import type { ClientRegistration, RegistrationFile } from './client-registration.js';

export interface OAuthClientOptions {
  readonly issuer: string;
  readonly redirectUri: string;
  readonly registrationFile: RegistrationFile;
  readonly log: Log;
  /** How long to wait for an authorization server that is still starting. */
  readonly patienceMilliseconds?: number;
}

/**
 * This app as an OAuth client. On its first use it discovers the authorization server, and registers there unless the
 * file has a registration for this server and this redirect URI.
 */
export class OAuthClient {
  readonly #options: OAuthClientOptions;
  #configuration: Promise<oauth.Configuration> | undefined;

  constructor(options: OAuthClientOptions) {
    this.#options = options;
  }

  get redirectUri(): string {
    return this.#options.redirectUri;
  }

  /** Discovers and registers once. A failure is not remembered, so the next call tries again. */
  async getConfiguration(): Promise<oauth.Configuration> {
    this.#configuration ??= this.#configure();
    try {
      return await this.#configuration;
    } catch (error) {
      this.#configuration = undefined;
      throw error;
    }
  }

  /**
   * Registers again after the server answered `invalid_client` to this configuration: the server has a new database, or
   * an operator deleted this client. The grants of the old registration do not exist any more either.
   */
  async replaceRegistration(stale: oauth.Configuration): Promise<oauth.Configuration> {
    if ((await this.#configuration) === stale) {
      this.#options.log('registration_refused', { client_id: stale.clientMetadata().client_id });
      this.#configuration = this.#withPatience(() => this.#register()).then((registration) =>
        this.#discover(registration),
      );
    }
    return this.getConfiguration();
  }

  async #configure(): Promise<oauth.Configuration> {
    const remembered = await this.#options.registrationFile.find();
    const isOurs = remembered?.issuer === this.#options.issuer && remembered.redirectUri === this.#options.redirectUri;
    const registration = isOurs ? remembered : await this.#withPatience(() => this.#register());
    return this.#withPatience(() => this.#discover(registration));
  }

  /** RFC 7591. */
  async #register(): Promise<ClientRegistration> {
    const { issuer, redirectUri, registrationFile, log } = this.#options;
    const metadata: Partial<oauth.ClientMetadata> = {
      client_name: 'Demo Chat',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      // Tokens and secrets stay on this server, so this app is a confidential client (RFC 6749 section 2.1).
      token_endpoint_auth_method: 'client_secret_basic',
    };
    const registered = await oauth.dynamicClientRegistration(
      new URL(issuer),
      metadata,
      undefined,
      this.#discoveryOptions(),
    );
    const { client_id: clientId, client_secret: clientSecret } = registered.clientMetadata();
    if (typeof clientSecret !== 'string') throw new Error('The authorization server registered us without a secret.');
    const registration = { issuer, redirectUri, clientId, clientSecret };
    await registrationFile.save(registration);
    log('client_registered', { client_id: clientId, issuer });
    return registration;
  }

  /** RFC 8414. */
  async #discover({ issuer, clientId, clientSecret }: ClientRegistration): Promise<oauth.Configuration> {
    return oauth.discovery(
      new URL(issuer),
      clientId,
      clientSecret,
      oauth.ClientSecretBasic(clientSecret),
      this.#discoveryOptions(),
    );
  }

  #discoveryOptions(): oauth.DiscoveryRequestOptions {
    // Plain http is for loopback only: elsewhere the authorization server requires TLS.
    const execute = this.#options.issuer.startsWith('http:') ? [oauth.allowInsecureRequests] : [];
    return { algorithm: 'oauth2', timeout: 10, execute };
  }

  /**
   * Repeats the action while nothing listens yet, for `patienceMilliseconds` at most. Any answer, even a refusal, ends
   * the waiting.
   */
  async #withPatience<T>(action: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + (this.#options.patienceMilliseconds ?? 5_000);
    for (;;) {
      try {
        return await action();
      } catch (error) {
        if (!isConnectionFailure(error) || Date.now() > deadline) throw error;
        await sleep(250);
      }
    }
  }
}

/**
 * Whether a request got no HTTP answer. `fetch` reports every such failure with the message `fetch failed`.
 * openid-client may have wrapped the error.
 */
export function isConnectionFailure(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('message' in error && error.message === 'fetch failed') return true;
  return 'cause' in error && isConnectionFailure(error.cause);
}
