import { isLoopbackHost } from '@aipassport/contracts';
import { type AllClientMetadata, errors } from 'oidc-provider';

const maxRedirectUris = 20;
const maxUriLength = 2_000;
const maxNameLength = 100;
const maxMetadataLength = 20_000;

/** Control characters, and the invisible ones that reorder what people read, make one name look like another. */
const deceptive = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/**
 * What oidc-provider's own validation of a registration (RFC 7591) lets pass and we do not.
 * @throws InvalidClientMetadata; its code is `invalid_redirect_uri` when the description begins with `redirect_uris`
 */
export function requireAcceptableClient(metadata: AllClientMetadata): void {
  const { redirect_uris: redirectUris = [], post_logout_redirect_uris: logoutUris = [], client_name: name } = metadata;
  if (JSON.stringify(metadata).length > maxMetadataLength) refuse('the metadata is too large');
  if (name !== undefined && (name.length > maxNameLength || name.trim() === '' || deceptive.test(name)))
    refuse(`client_name must be a text of at most ${maxNameLength} visible characters`);
  requireRedirectUris('redirect_uris', redirectUris);
  requireRedirectUris('post_logout_redirect_uris', logoutUris);
}

function refuse(description: string): never {
  throw new errors.InvalidClientMetadata(description);
}

function requireRedirectUris(label: string, uris: readonly string[]): void {
  if (uris.length > maxRedirectUris) refuse(`${label} must have at most ${maxRedirectUris} members`);
  for (const uri of uris) {
    const problem = findProblem(uri);
    if (problem !== undefined) refuse(`${label} ${problem}`);
  }
}

/** Compared byte for byte later, so all that matters here is whether it is a place that can be trusted with a code. */
function findProblem(uri: string): string | undefined {
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
      return isLoopbackHost(url.hostname) ? undefined : 'must use https, or http on a loopback host';
    default:
      // RFC 8252 section 7.1: a private-use scheme is a domain name under the app's control, in reverse.
      return /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/.test(url.protocol)
        ? undefined
        : 'must use https, or a scheme with a dot in it';
  }
}
