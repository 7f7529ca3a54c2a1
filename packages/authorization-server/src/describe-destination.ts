import { isLoopbackHost } from '@aipassport/contracts';

/** The host, which people can compare with the app's address; for a native app, the scheme that opens it. */
export function describeDestination(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return /^https?:$/.test(protocol) ? host : `the app on this device that opens ${protocol}`;
}

/**
 * The destinations of a client with several redirect URIs. All are listed, because the access may be used at any of
 * them. Only a client for terminals has no redirect URI.
 */
export function describePlaces(redirectUris: readonly string[]): string {
  const places = redirectUris.map((redirectUri) => {
    const { protocol, host, hostname } = new URL(redirectUri);
    if (!/^https?:$/.test(protocol)) return `on your device, as ${protocol}`;
    return isLoopbackHost(hostname) ? `on your device, at ${hostname}` : `at ${host}`;
  });
  return [...new Set(places)].join('; ') || 'in a terminal';
}
