import { isLoopbackHost } from '@aipassport/contracts';
import { isVisibleText } from '@aipassport/policy';
import { listRedirectUris, type OwnedClient, type OwnedClientType } from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import { deviceGrantType, listIdTokenAlgorithms } from '../oidc/offered.js';
import { isAcceptableClient } from '../oidc/require-acceptable-client.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldText } from '../read-form.js';
import { parseHttpsUrl } from '../text/parse-https-url.js';
import { type Message, message } from '../texts/texts.js';

export const clientTypes = ['web', 'spa', 'terminal'] as const satisfies readonly OwnedClientType[];

/** The fields of the form and of the API for the pages of the client's maker. */
export const siteFields = ['site', 'policy_uri', 'tos_uri'] as const;

/** The URL in each field. Empty: there is no such page. */
export type Sites = Readonly<Record<(typeof siteFields)[number], string>>;

/** What a developer types about a client. */
export interface ClientEntry {
  readonly name: string;
  readonly sites: Sites;
  readonly redirectUris: readonly string[];
  /** Empty: nothing was chosen. */
  readonly type: string;
}

export const emptyEntry: ClientEntry = {
  name: '',
  sites: { site: '', policy_uri: '', tos_uri: '' },
  redirectUris: [],
  type: 'web',
};

/** Reads the form. Redirect URIs are separated by white space, because a URI contains none. */
export function readClientEntry(form: Form): ClientEntry {
  return {
    name: fieldText(form, 'name').trim(),
    sites: mapSites((field) => fieldText(form, field).trim()),
    redirectUris: fieldText(form, 'redirect_uris')
      .split(/\s+/)
      .filter((uri) => uri !== ''),
    type: fieldText(form, 'type'),
  };
}

export function describeClient(client: OwnedClient): ClientEntry {
  const { name, type, metadata } = client;
  const { client_uri: site, policy_uri, tos_uri } = metadata;
  const urls = { site, policy_uri, tos_uri };
  const sites = mapSites((field) => {
    const url = urls[field];
    return typeof url === 'string' ? url : '';
  });
  return { name, type, sites, redirectUris: listRedirectUris(client) };
}

export function mapSites(read: (field: keyof Sites) => string): Sites {
  return { site: read('site'), policy_uri: read('policy_uri'), tos_uri: read('tos_uri') };
}

type Settings = Pick<Configuration, 'redirectSchemes' | 'idTokenKeys'>;

/** The metadata of the client (RFC 7591 section 2). A client has a secret if it can keep one. */
export function buildEntryMetadata({ name, sites, redirectUris, type }: ClientEntry, settings: Settings) {
  const hasRedirects = redirectUris.length > 0;
  return {
    client_name: name,
    ...(sites.site !== '' && { client_uri: sites.site }),
    ...(sites.policy_uri !== '' && { policy_uri: sites.policy_uri }),
    ...(sites.tos_uri !== '' && { tos_uri: sites.tos_uri }),
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

/** What must be changed before the client may be registered, in the order of the fields. */
export function listEntryProblems(entry: ClientEntry, settings: Settings): readonly Problem[] {
  const { name, sites, type } = entry;
  const isNamed = name !== '' && name.length <= 100 && isVisibleText(name);
  const wrong = siteFields.filter((field) => sites[field] !== '' && parseHttpsUrl(sites[field]) === undefined);
  const isTyped = clientTypes.some((one) => one === type);
  const redirects = findRedirectProblem(entry, settings);
  return [
    ...(isNamed ? [] : [{ field: 'name', message: message('clients.nameInvalid') }]),
    ...wrong.map((field) => ({ field, message: message('clients.siteInvalid') })),
    ...(isTyped ? [] : [{ field: 'type', message: message('clients.chooseType') }]),
    ...(redirects === undefined ? [] : [{ field: 'redirect_uris', message: redirects }]),
  ];
}

function findRedirectProblem({ redirectUris, type }: ClientEntry, settings: Settings): Message | undefined {
  if (redirectUris.length === 0 && type !== 'terminal') return message('clients.redirectMissing');
  // only the redirect URIs can be wrong in this entry
  const metadata = buildEntryMetadata({ ...emptyEntry, name: 'any', redirectUris, type }, settings);
  const isFit =
    isAcceptableClient(metadata, settings.redirectSchemes) && (type === 'terminal' || redirectUris.every(isWebUrl));
  return isFit ? undefined : message('clients.redirectInvalid');
}

function isWebUrl(uri: string): boolean {
  const url = URL.parse(uri);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
}
