import { isLoopbackHost } from '@aipassport/contracts';
import { type Message, message, type Texts } from './texts/texts.js';

/**
 * The host of an http(s) redirect URI, which people can compare with the app's address. For any other redirect URI, the
 * scheme, which opens a native app.
 */
export function describeDestination(redirectUri: string, texts: Texts): string {
  const { protocol, host } = new URL(redirectUri);
  return isWeb(protocol) ? host : texts('apps.destinationScheme', { scheme: protocol });
}

/**
 * The destinations of a client with several redirect URIs. All are listed, because the access may be used at any of
 * them. Only a client for terminals has no redirect URI.
 */
export function describePlaces(redirectUris: readonly string[], texts: Texts): string {
  const places = redirectUris.map((redirectUri) => texts.say(describePlace(redirectUri)));
  return [...new Set(places)].join('; ') || texts('apps.placeTerminal');
}

function describePlace(redirectUri: string): Message {
  const { protocol: scheme, host, hostname } = new URL(redirectUri);
  if (!isWeb(scheme)) return message('apps.placeScheme', { scheme });
  return isLoopbackHost(hostname) ? message('apps.placeLocal') : message('apps.placeWeb', { host });
}

function isWeb(protocol: string): boolean {
  return /^https?:$/.test(protocol);
}
