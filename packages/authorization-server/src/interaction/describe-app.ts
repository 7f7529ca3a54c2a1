import { type Client, isVouchedFor } from '@aipassport/store/authorization';
import { findPlace } from '../describe-destination.js';
import { parseClientDocumentUrl } from '../documents/client-document-url.js';
import type { Destination } from '../oidc/interactions.js';
import { type Message, message } from '../texts/texts.js';

/** The app that asks for access, as far as this server knows it. */
export interface AppDescription {
  /** The name that the app chose for itself. */
  readonly clientName: string;
  /** Whether the operator of this server registered or approved the app, and so vouches for its name. */
  readonly isVouchedFor: boolean;
  /** Where the app is: its host, or words for a program on the owner's device. */
  readonly place: { readonly kind: 'web'; readonly host: string } | { readonly kind: 'local'; readonly words: Message };
  /**
   * The name of the app in sentences: its name if the operator vouches for it, otherwise its host. undefined: the
   * operator does not vouch for the name, and the app has no host.
   */
  readonly appName: string | undefined;
  /** The host that publishes the client's metadata; undefined for a client that is registered here. */
  readonly identifierHost: string | undefined;
  /** Whether the app cannot keep a secret. Then all its installations, on all devices, have the same client id. */
  readonly isPublic: boolean;
}

export function describeApp(client: Client, destination: Destination): AppDescription {
  const place = describePlace(destination);
  return {
    clientName: client.name,
    isVouchedFor: isVouchedFor(client),
    place,
    appName: findAppName(client, destination.kind === 'redirect' ? destination.redirectUri : undefined),
    identifierHost: parseClientDocumentUrl(client.id)?.host,
    isPublic: client.metadata['token_endpoint_auth_method'] === 'none',
  };
}

/**
 * The name of the app in sentences: see `AppDescription`.
 * @param redirectUri where the browser goes next; undefined when it stays here
 */
export function findAppName(client: Client, redirectUri: string | undefined): string | undefined {
  if (isVouchedFor(client)) return client.name;
  const place = redirectUri === undefined ? undefined : findPlace(redirectUri);
  return place?.kind === 'web' ? place.host : undefined;
}

function describePlace(destination: Destination): AppDescription['place'] {
  if (destination.kind === 'terminal') return { kind: 'local', words: message('consent.placeTerminal') };
  const place = findPlace(destination.redirectUri);
  switch (place.kind) {
    case 'web':
      return place;
    case 'computer':
      return { kind: 'local', words: message('consent.placeLocal') };
    case 'scheme':
      return { kind: 'local', words: message('consent.placeScheme', { scheme: place.scheme }) };
  }
}
