import { isLoopbackHost } from '@aipassport/contracts';
import { isVisibleText } from '@aipassport/policy';
import { type AllClientMetadata, errors } from 'oidc-provider';
import { refuseMetadata } from './describe-oauth-denial.js';
import { requirePublicKeys, requireVerifyingKeys } from './require-public-keys.js';

const maxRedirectUris = 20;
const maxUriLength = 2_000;
const maxNameLength = 100;
const maxMetadataLength = 20_000;

/** Schemes that are never accepted: they run or show something in the browser itself, or belong to another protocol. */
const neverRedirected =
  /^(about|blob|chrome|data|file|filesystem|ftp|intent|jar|javascript|mailto|tel|vbscript|view-source|ws|wss):$/;

/**
 * Refuses registrations that oidc-provider's own validation (RFC 7591) accepts and this server does not. oidc-provider
 * checks the types of the members, so a member of a wrong type is ignored here.
 *
 * @param redirectSchemes private-use schemes that may be registered although they are not domain names
 * @throws InvalidClientMetadata
 */
export function requireAcceptableClient(metadata: Metadata, redirectSchemes: readonly string[]): void {
  for (const check of listClientChecks(metadata, redirectSchemes)) check();
}

/** The checks, each of one member, so that a caller can name all members that are wrong. */
export function listClientChecks(metadata: Metadata, redirectSchemes: readonly string[]): readonly MetadataCheck[] {
  const { redirect_uris: redirectUris, post_logout_redirect_uris: logoutUris } = metadata;
  return [
    () => requireSize(metadata),
    () => requireName(metadata),
    () => requireKeys(metadata),
    () => requireRedirectUris('redirect_uris', redirectUris, redirectSchemes),
    () => requireRedirectUris('post_logout_redirect_uris', logoutUris, redirectSchemes),
  ];
}

type Metadata = Partial<AllClientMetadata>;
/** @throws InvalidClientMetadata */
export type MetadataCheck = () => void;

function requireSize(metadata: Metadata): void {
  if (JSON.stringify(metadata).length > maxMetadataLength) refuseMetadata('the metadata', 'is too large');
}

function requireName({ client_name: name }: Metadata): void {
  if (typeof name === 'string' && (name.length > maxNameLength || !isVisibleText(name)))
    refuseMetadata('client_name', `must be a text of at most ${maxNameLength} visible characters`);
}

/**
 * Runs a check of client metadata.
 * @returns the member that breaks a rule, and the rule; undefined when the check accepts the metadata
 */
export function findMetadataProblem(
  check: MetadataCheck,
): { readonly member: string; readonly rule: string } | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof errors.InvalidClientMetadata)) throw error;
    const [, member = '', rule = ''] = /^(the metadata|\S+) (.+)$/s.exec(error.error_description ?? '') ?? [];
    return { member, rule };
  }
}

/** Whether `requireAcceptableClient` accepts the metadata. */
export function isAcceptableClient(...parameters: Parameters<typeof requireAcceptableClient>): boolean {
  return findMetadataProblem(() => requireAcceptableClient(...parameters)) === undefined;
}

function requireKeys({ jwks, token_endpoint_auth_method: method }: Metadata): void {
  requirePublicKeys(jwks);
  if (method === 'private_key_jwt') requireVerifyingKeys(jwks);
}

function requireRedirectUris(
  label: 'redirect_uris' | 'post_logout_redirect_uris',
  uris: unknown,
  redirectSchemes: readonly string[],
): void {
  if (!Array.isArray(uris)) return;
  if (uris.length > maxRedirectUris) refuseMetadata(label, `must have at most ${maxRedirectUris} members`);
  for (const uri of uris) {
    const problem = findProblem(String(uri), redirectSchemes);
    if (problem !== undefined) refuseMetadata(label, problem);
  }
}

/**
 * Checks only whether a code may safely be sent to this redirect URI. Later, oidc-provider compares redirect URIs
 * literally, except for the port of a loopback host.
 * @returns undefined when there is no problem
 */
function findProblem(uri: string, redirectSchemes: readonly string[]): string | undefined {
  const url = URL.parse(uri);
  if (url === null || uri.length > maxUriLength || !/^[\x21-\x7e]+$/.test(uri) || uri.includes('\\'))
    return 'must only contain valid uris';
  if (uri.includes('*')) return 'must not contain wildcards';
  if (uri.includes('#')) return 'must not contain fragments';
  if (url.username !== '' || url.password !== '') return 'must not contain credentials';
  switch (url.protocol) {
    case 'https:':
      return undefined;
    case 'http:':
      return isLoopbackHost(url.hostname)
        ? undefined
        : 'must use https; http is allowed only for 127.0.0.1, [::1] and localhost, with any port';
    default:
      return isAllowedScheme(url.protocol, redirectSchemes) ? undefined : describeSchemes(redirectSchemes);
  }
}

/**
 * A private-use scheme must be a domain name that the client controls, in reverse (RFC 8252 section 7.1), or one of
 * `redirectSchemes`.
 */
function isAllowedScheme(protocol: string, redirectSchemes: readonly string[]): boolean {
  if (neverRedirected.test(protocol)) return false;
  return /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/.test(protocol) || redirectSchemes.includes(protocol.slice(0, -1));
}

function describeSchemes(redirectSchemes: readonly string[]): string {
  const listed = redirectSchemes.map((scheme) => `, or ${scheme}:`).join('');
  return `must use https, or http on 127.0.0.1, [::1] or localhost, or a private-use scheme that is a domain name of yours in reverse, such as com.example.app:/callback (RFC 8252 section 7.1)${listed}`;
}
