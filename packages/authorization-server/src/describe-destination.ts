import { isLoopbackHost } from '@aipassport/contracts';

/** The host that people can compare with the app's address; of a native app, the scheme that opens it. */
export function describeDestination(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return /^https?:$/.test(protocol) ? host : `the app on this device that opens ${protocol}`;
}

/**
 * Where a client is that has many ways back: what its owner gave access to is at one of them. All are told, for the one
 * that is left out would be the one that matters.
 */
export function describePlaces(redirectUris: readonly string[]): string {
  const places = redirectUris.map((redirectUri) => {
    const { protocol, host, hostname } = new URL(redirectUri);
    if (!/^https?:$/.test(protocol)) return `on your device, as ${protocol}`;
    return isLoopbackHost(hostname) ? `on your device, at ${hostname}` : `at ${host}`;
  });
  return [...new Set(places)].join('; ');
}
