import type { Client } from '@aipassport/store/authorization';
import type { Configuration } from '../configuration.js';
import { parseHttpsUrl } from '../text/parse-https-url.js';
import { parseClientDocumentUrl } from './client-document-url.js';

/**
 * The URL of a client's logo, if pages may show it. Anyone could register a client with the logo of a well-known
 * app. So only two kinds of clients have a logo: those that the operator registered, and those whose logo is on the
 * host of their metadata document. The consent page names that host.
 */
export function findLogoUrl(
  { id, metadata, registeredBy }: Pick<Client, 'id' | 'metadata' | 'registeredBy'>,
  { clientDocuments }: Pick<Configuration, 'clientDocuments'>,
): URL | undefined {
  const url = parseHttpsUrl(metadata['logo_uri']);
  if (url === undefined || registeredBy === 'operator') return url;
  const document = clientDocuments.enabled ? parseClientDocumentUrl(id) : undefined;
  return document?.host === url.host ? url : undefined;
}
