import type { LimitMembers } from '@aipassport/policy';
import * as oauth from 'openid-client';
import type { Deployment } from './deployment.js';

export type Tokens = oauth.TokenEndpointResponse & oauth.TokenEndpointResponseHelpers;

export interface AccessProposal extends LimitMembers {
  readonly models?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly expires_in?: number;
  readonly reason?: string;
}

/** One authorization in progress: its URL for the browser, and the values that the client keeps. */
export interface Authorization {
  readonly url: URL;
  readonly state: string;
  /** SECRET. */
  readonly codeVerifier: string;
}

let registered = 0;

/** A client that uses a common OAuth library, and no code of ours. */
export class ClientApp {
  readonly configuration: oauth.Configuration;
  readonly name: string;
  readonly redirectUri: string;

  private constructor(configuration: oauth.Configuration, name: string, redirectUri: string) {
    this.configuration = configuration;
    this.name = name;
    this.redirectUri = redirectUri;
  }

  /** Finds the server by its metadata and registers with it (RFC 8414, RFC 7591). */
  static async register(
    { issuer }: Pick<Deployment, 'issuer'>,
    {
      name = `App ${++registered}`,
      redirectUri = 'http://127.0.0.1:9/callback',
      authMethod = 'none',
      metadata = {},
    }: {
      readonly name?: string;
      readonly redirectUri?: string;
      readonly authMethod?: 'none' | 'client_secret_basic' | 'client_secret_post';
      readonly metadata?: Partial<oauth.ClientMetadata>;
    } = {},
  ): Promise<ClientApp> {
    const configuration = await oauth.dynamicClientRegistration(
      new URL(issuer),
      {
        client_name: name,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: authMethod,
        ...metadata,
      },
      authMethod === 'none' ? oauth.None() : undefined,
      // the servers of a test are on this machine and use http
      { execute: [oauth.allowInsecureRequests], algorithm: 'oauth2' },
    );
    return new ClientApp(configuration, name, redirectUri);
  }

  get clientId(): string {
    return this.configuration.clientMetadata().client_id;
  }

  async beginAuthorization(
    scope: string | undefined,
    proposal?: AccessProposal,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<Authorization> {
    const codeVerifier = oauth.randomPKCECodeVerifier();
    const state = oauth.randomState();
    const url = oauth.buildAuthorizationUrl(this.configuration, {
      redirect_uri: this.redirectUri,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      ...(scope === undefined ? {} : { scope }),
      ...(proposal === undefined ? {} : { authorization_details: formatProposal(proposal) }),
      ...parameters,
    });
    return { url, state, codeVerifier };
  }

  /** Redeems the code in the callback; checks `state` and `iss`. */
  async finishAuthorization(authorization: Authorization, callback: URL): Promise<Tokens> {
    return oauth.authorizationCodeGrant(this.configuration, callback, {
      pkceCodeVerifier: authorization.codeVerifier,
      expectedState: authorization.state,
    });
  }

  async refresh(refreshToken: string, parameters: Readonly<Record<string, string>> = {}): Promise<Tokens> {
    return oauth.refreshTokenGrant(this.configuration, refreshToken, parameters);
  }

  async revokeToken(token: string): Promise<void> {
    await oauth.tokenRevocation(this.configuration, token);
  }
}

function formatProposal(proposal: AccessProposal): string {
  return JSON.stringify([{ type: 'ai_access', ...proposal }]);
}
