import {
  buildOperatorClient,
  type ClientDescription,
  type OperatorClientMetadata,
  parseHttpsUrl,
  requireOperatorClient,
} from '@aipassport/authorization-server/operating';
import type { AdminScope, ClientProfile } from '@aipassport/store/authorization';
import { readFileArgument } from './read-file-argument.js';

/** `ClientDescription` says what they are. */
export const clientTypes = [
  'web',
  'native',
  'spa',
  'terminal',
  'machine',
] as const satisfies readonly ClientDescription['type'][];

/** How a client sends its secret. */
export const secretMethods = ['client_secret_basic', 'client_secret_post'] as const;

export const clientProfiles = ['fapi_2_0'] as const satisfies readonly ClientProfile[];

/**
 * The algorithm that signs a client's ID tokens. Many OpenID Connect libraries accept only RS256 unless configured
 * otherwise.
 */
export const idTokenAlgorithms = ['RS256', 'ES256'] as const;

export interface NewClientOptions {
  readonly name: string;
  /** A `terminal` client may have none, and a `machine` has none. Every other client needs at least one. */
  readonly redirectUri?: readonly string[];
  readonly postLogoutRedirectUri?: readonly string[];
  /** The URL of the logo, which the authorization server fetches. */
  readonly logo?: string;
  readonly type: (typeof clientTypes)[number];
  /** Only for a client with a secret. Undefined: `client_secret_basic`. */
  readonly secretMethod?: (typeof secretMethods)[number];
  /** A file with the public keys that verify the client's assertions. The client then has no secret. */
  readonly jwks?: string;
  readonly profile?: ClientProfile;
  readonly requirePushed?: true;
  readonly dpopBound?: true;
  readonly idTokenAlg: (typeof idTokenAlgorithms)[number];
  /** Whether the client may exchange its tokens for tokens with fewer rights (RFC 8693). */
  readonly delegates?: boolean;
  /** What a `machine` may do through the admin API. */
  readonly adminScope?: readonly AdminScope[];
}

/**
 * The metadata (RFC 7591 section 2) of a client that the operator registers.
 * @throws when the authorization server would refuse to register such a client
 */
export function buildClientMetadata(
  options: NewClientOptions,
  redirectSchemes: readonly string[],
): OperatorClientMetadata {
  const { profile, type, redirectUri = [] } = options;
  const isMachine = type === 'machine';
  if (redirectUri.length === 0 && type !== 'terminal' && !isMachine)
    throw new Error('Name at least one --redirect-uri.');
  requireConsistentOptions(options);
  const description = {
    name: options.name,
    type,
    redirectUris: redirectUri,
    members: {
      post_logout_redirect_uris: options.postLogoutRedirectUri,
      logo_uri: options.logo,
      require_pushed_authorization_requests: options.requirePushed,
      dpop_bound_access_tokens: options.dpopBound,
    },
    secretMethod: options.secretMethod ?? ('client_secret_basic' as const),
    jwks: options.jwks === undefined ? undefined : readKeySet(options.jwks),
    profile,
    idTokenAlgorithm: options.idTokenAlg,
    delegates: options.delegates === true,
  };
  const metadata = buildOperatorClient(description);
  describeRefusal(() => requireOperatorClient(metadata, { profile, redirectSchemes }));
  return metadata;
}

/** Refuses options that exclude each other, and options that would have no effect. */
function requireConsistentOptions(options: NewClientOptions): void {
  const { type, jwks, profile, secretMethod, redirectUri = [], logo } = options;
  if (options.requirePushed && redirectUri.length === 0)
    throw new Error(
      '--require-pushed is for clients with a --redirect-uri: a client without one makes no authorization requests that could be pushed. Leave it out.',
    );
  if (logo !== undefined && parseHttpsUrl(logo) === undefined)
    throw new Error('--logo must be an https URL without a user name and a password.');
  if (type === 'machine') requireMachineOptions(options);
  else if (options.adminScope !== undefined)
    throw new Error('--admin-scope is for clients of the type machine: an app never gets access to the admin API.');
  if (jwks !== undefined && type !== 'web' && type !== 'machine')
    throw new Error('--jwks is for clients of the types web and machine: the others cannot keep a private key secret.');
  if (profile !== undefined && jwks === undefined)
    throw new Error(`--profile ${profile} needs --jwks: its clients authenticate with private_key_jwt.`);
  if (secretMethod !== undefined && (jwks !== undefined || type !== 'web')) {
    const client = jwks === undefined ? `a client of the type ${type}` : 'a client with --jwks';
    throw new Error(`--secret-method is for clients with a secret, and ${client} has none. Leave it out.`);
  }
}

/** A machine authenticates with a key and gets tokens for itself. The options of apps would have no effect. */
function requireMachineOptions({ jwks, adminScope, ...others }: NewClientOptions): void {
  if (jwks === undefined || adminScope === undefined)
    throw new Error('A machine needs --jwks, its public keys, and at least one --admin-scope.');
  const { redirectUri, postLogoutRedirectUri, logo, secretMethod, profile, requirePushed, delegates } = others;
  const ofApps = [redirectUri, postLogoutRedirectUri, logo, secretMethod, profile, requirePushed, delegates];
  if (ofApps.some((option) => option !== undefined))
    throw new Error(
      'A machine asks no owner for access. Of the options of an app, it takes only --name and --dpop-bound.',
    );
}

/** The file may hold a key set or one key (RFC 7517). */
function readKeySet(file: string): { readonly keys: never[] } {
  const content = readJson(file);
  const isSet = typeof content === 'object' && content !== null && 'keys' in content;
  // `requireOperatorClient` checks the keys later.
  return (isSet ? content : { keys: [content] }) as { readonly keys: never[] };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileArgument(file));
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`--jwks ${file} cannot be read as a JSON Web Key Set: ${message}`, { cause });
  }
}

/**
 * Makes an error's `error_description` (RFC 6749 section 5.2) the message, because it contains the reason of a refusal.
 */
function describeRefusal(check: () => void): void {
  try {
    check();
  } catch (error) {
    const isForClients = error instanceof Error && 'error_description' in error;
    throw isForClients ? new Error(String(error.error_description), { cause: error }) : error;
  }
}
