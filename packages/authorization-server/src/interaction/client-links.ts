import { parseHttpsUrl } from '../text/parse-https-url.js';
import type { FixedId } from '../texts/texts.js';

/** A page of the app's maker, which the client named when it registered. */
export interface ClientLink {
  readonly title: FixedId;
  readonly url: string;
  /** The host of the URL. Pages show it, because the app's maker can choose any URL. */
  readonly host: string;
}

/** The members of client metadata with links (RFC 7591 section 2), and the title of each link on our pages. */
const titles = {
  client_uri: 'consent.website',
  policy_uri: 'consent.privacyPolicy',
  tos_uri: 'consent.terms',
} as const satisfies Record<string, FixedId>;

/**
 * Members that contain URLs of pages and pictures for people. A member is registered only if its URL is https.
 */
export const linkMembers: readonly string[] = [...Object.keys(titles), 'logo_uri'];

/**
 * The links that consent pages show. URLs without https are left out, because clients of an earlier release could
 * register any URL.
 */
export function listClientLinks(metadata: Readonly<Record<string, unknown>>): readonly ClientLink[] {
  return Object.entries(titles).flatMap(([member, title]) => {
    const url = parseHttpsUrl(metadata[member]);
    return url === undefined ? [] : [{ title, url: url.href, host: url.host }];
  });
}
