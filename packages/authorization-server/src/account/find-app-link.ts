import { isLoopbackHost } from '@aipassport/contracts';
import { type Client, listRedirectUris } from '@aipassport/store/authorization';
import { type ClientLink, listClientLinks } from '../interaction/client-links.js';
import { parseHttpsUrl } from '../text/parse-https-url.js';

/** A URL of the app, and its host, which pages show because the app's maker can choose any URL. */
export type AppLink = Pick<ClientLink, 'url' | 'host'>;

/**
 * Finds the URL of the link back to the app: its website, if it registered one, otherwise the origin of its redirect
 * URIs. This server sends browsers to a redirect URI already, so its origin is no new destination. Its path is left
 * out, because a redirect URI without a code shows an error in most apps.
 *
 * @returns undefined if there is no website, and the https redirect URIs have no single origin: the app is a program on
 *          a device, or the owner may have come from any of several origins. Also undefined if that origin is this
 *          server's.
 */
export function findAppLink(client: Pick<Client, 'metadata'>, issuer: string): AppLink | undefined {
  const site = listClientLinks(client.metadata).find(({ title }) => title === 'consent.website');
  if (site !== undefined) return site;
  const urls = listRedirectUris(client).flatMap((redirectUri) => parseHttpsUrl(redirectUri) ?? []);
  const origins = new Set(urls.filter(({ hostname }) => !isLoopbackHost(hostname)).map(({ origin }) => origin));
  const [origin] = origins;
  if (origin === undefined || origins.size > 1 || origin === new URL(issuer).origin) return undefined;
  return { url: `${origin}/`, host: new URL(origin).host };
}
