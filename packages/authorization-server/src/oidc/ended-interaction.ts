import type { Interaction } from 'oidc-provider';
import type { Context } from '../context.js';
import { cookieNames } from '../cookie-names.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { oauthError } from './describe-oauth-denial.js';
import { findPushedRequest, readPushedRequestId } from './engine/find-pushed-request.js';
import { readInteractionCookie } from './engine/interaction-cookie.js';

/** An authorization request that cannot continue, and the URLs at which the owner can continue instead. */
export interface EndedInteraction {
  readonly clientId: string;
  /** Whether the request was pushed, and has been decided in another tab. */
  readonly isDecided: boolean;
  readonly redirectUri: string;
  /**
   * The URL that begins the same request again; undefined for a pushed request, which only its client can begin
   * again.
   */
  readonly restartPath: string | undefined;
  /**
   * The URL of the app, with the error `access_denied` (RFC 6749 section 4.1.2.1); undefined when the request has
   * no valid redirect URI, or asks for a response mode other than `query`.
   */
  readonly returnTo: string | undefined;
}

/**
 * Finds a request that began in this browser but cannot continue. Its owner has signed out since, another person has
 * signed in, or the pushed request has been decided in another tab.
 * @returns undefined when the request is unknown, or belongs to another browser
 */
export async function findEndedInteraction(
  { provider, configuration }: Pick<Dependencies, 'provider' | 'configuration'>,
  ctx: Context,
  uid: string,
): Promise<EndedInteraction | undefined> {
  if (readInteractionCookie(ctx, cookieNames(configuration).interaction) !== uid) return undefined;
  const interaction = await provider.Interaction.find(uid);
  if (interaction === undefined) return undefined;
  return {
    clientId: String(interaction.params['client_id']),
    isDecided: (await findPushedRequest(provider, interaction))?.consumed !== undefined,
    redirectUri: String(interaction.params['redirect_uri']),
    restartPath: readPushedRequestId(interaction) === undefined ? formatRestart(interaction) : undefined,
    returnTo: formatReturn(interaction, configuration.issuer),
  };
}

function formatRestart({ params }: Interaction): string {
  const given = Object.entries(params).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return `${paths.authorization}?${new URLSearchParams(given)}`;
}

function formatReturn({ params }: Interaction, issuer: string): string | undefined {
  const { redirect_uri: redirectUri, response_mode: mode, state } = params;
  const url = typeof redirectUri === 'string' ? URL.parse(redirectUri) : null;
  if (url === null || (mode !== undefined && mode !== 'query')) return undefined;
  url.searchParams.set('error', oauthError({ reason: 'owner_denied' }).error);
  if (typeof state === 'string') url.searchParams.set('state', state);
  url.searchParams.set('iss', issuer);
  return url.href;
}
