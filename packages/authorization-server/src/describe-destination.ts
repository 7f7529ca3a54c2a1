import { isLoopbackHost } from '@aipassport/contracts';
import { type Message, message, type Texts } from './texts/texts.js';

/** Where a redirect URI leads: to a host, to a program that listens on the owner's computer, or to a native app. */
export type Place =
  | { readonly kind: 'web'; readonly host: string }
  | { readonly kind: 'computer' }
  | { readonly kind: 'scheme'; readonly scheme: string };

export function findPlace(redirectUri: string): Place {
  const { protocol: scheme, host, hostname } = new URL(redirectUri);
  if (!/^https?:$/.test(scheme)) return { kind: 'scheme', scheme };
  return isLoopbackHost(hostname) ? { kind: 'computer' } : { kind: 'web', host };
}

/** The place to which a browser is sent, in a sentence. People can compare a host with the app's URL. */
export function describeDestination(redirectUri: string, texts: Texts): string {
  const place = findPlace(redirectUri);
  switch (place.kind) {
    case 'web':
      return place.host;
    case 'computer':
      return texts('apps.destinationLocal');
    case 'scheme':
      return texts('apps.destinationScheme', { scheme: place.scheme });
  }
}

/**
 * The destinations of a client with several redirect URIs. All are listed, because the access may be used at any of
 * them. Only a client for terminals has no redirect URI.
 */
export function describePlaces(redirectUris: readonly string[], texts: Texts): string {
  const places = redirectUris.map((redirectUri) => texts.say(describePlace(findPlace(redirectUri))));
  return [...new Set(places)].join('; ') || texts('apps.placeTerminal');
}

function describePlace(place: Place): Message {
  switch (place.kind) {
    case 'web':
      return message('apps.placeWeb', { host: place.host });
    case 'computer':
      return message('apps.placeLocal');
    case 'scheme':
      return message('apps.placeScheme', { scheme: place.scheme });
  }
}
