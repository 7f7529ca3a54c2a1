import { isLoopbackHost } from '@aipassport/contracts';
import { listRedirectUris, type OwnedClient, type OwnedClientType } from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import { deviceGrantType, listIdTokenAlgorithms } from '../oidc/offered.js';
import { isAcceptableClient } from '../oidc/require-acceptable-client.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldText } from '../read-form.js';
import { parseHttpsUrl } from '../text/parse-https-url.js';
import { isVisibleText } from '../text/visible-text.js';
import { message } from '../texts/texts.js';

export const clientTypes = ['web', 'spa', 'terminal'] as const satisfies readonly OwnedClientType[];

/** What a developer types about a client. */
export interface ClientEntry {
  readonly name: string;
  /** Empty: the client has no site. */
  readonly site: string;
  readonly redirectUris: readonly string[];
  /** Empty: nothing was chosen. */
  readonly type: string;
}

export const emptyEntry: ClientEntry = { name: '', site: '', redirectUris: [], type: 'web' };

/** Reads the form. Redirect URIs are separated by white space, because none contains any. */
export function readClientEntry(form: Form): ClientEntry {
  return {
    name: fieldText(form, 'name').trim(),
    site: fieldText(form, 'site').trim(),
    redirectUris: fieldText(form, 'redirect_uris')
      .split(/\s+/)
      .filter((uri) => uri !== ''),
    type: fieldText(form, 'type'),
  };
}

export function describeClient(client: OwnedClient): ClientEntry {
  const { client_uri: site } = client.metadata;
  const { name, type } = client;
  return { name, type, site: typeof site === 'string' ? site : '', redirectUris: listRedirectUris(client) };
}

type Settings = Pick<Configuration, 'redirectSchemes' | 'idTokenKeys'>;

/** The metadata of the client (RFC 7591 section 2). A client has a secret if it can keep one. */
export function buildEntryMetadata({ name, site, redirectUris, type }: ClientEntry, settings: Settings) {
  const hasRedirects = redirectUris.length > 0;
  return {
    client_name: name,
    ...(site === '' ? {} : { client_uri: site }),
    redirect_uris: [...redirectUris],
    application_type: type === 'terminal' ? ('native' as const) : ('web' as const),
    response_types: hasRedirects ? ['code' as const] : [],
    grant_types: [
      ...(hasRedirects ? ['authorization_code'] : []),
      'refresh_token',
      ...(type === 'terminal' ? [deviceGrantType] : []),
    ],
    token_endpoint_auth_method: type === 'web' ? ('client_secret_basic' as const) : ('none' as const),
    id_token_signed_response_alg: listIdTokenAlgorithms(settings)[0] ?? 'ES256',
  };
}

/** @returns the first problem; undefined when the client may be registered */
export function findEntryProblem(entry: ClientEntry, settings: Settings): Problem | undefined {
  const { name, site, redirectUris, type } = entry;
  if (name === '' || name.length > 100 || !isVisibleText(name))
    return { field: 'name', message: message('clients.nameInvalid') };
  if (site !== '' && parseHttpsUrl(site) === undefined)
    return { field: 'site', message: message('clients.siteInvalid') };
  if (!clientTypes.some((one) => one === type)) return { field: 'type', message: message('clients.chooseType') };
  if (redirectUris.length === 0 && type !== 'terminal')
    return { field: 'redirect_uris', message: message('clients.redirectMissing') };
  const isFit =
    isAcceptableClient(buildEntryMetadata(entry, settings), settings.redirectSchemes) &&
    (type === 'terminal' || redirectUris.every(isWebAddress));
  return isFit ? undefined : { field: 'redirect_uris', message: message('clients.redirectInvalid') };
}

function isWebAddress(uri: string): boolean {
  const url = URL.parse(uri);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
}
