/** The loopback hosts that oidc-provider knows. */
const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Infers whether a client runs on its user's machine. Most clients leave `application_type` out, so the redirect URIs
 * are more reliable. oidc-provider accepts private-use schemes, and any port of a loopback address (RFC 8252 section
 * 7.3), from `native` clients only.
 */
export function inferApplicationType(metadata: {
  readonly application_type?: unknown;
  readonly redirect_uris?: unknown;
}): 'native' | 'web' {
  const { redirect_uris: uris } = metadata;
  const given = metadata.application_type === 'native' ? 'native' : 'web';
  const urls = (Array.isArray(uris) ? uris : []).flatMap((uri) => URL.parse(String(uri)) ?? []);
  const isLoopback = ({ hostname }: URL) => loopbackHosts.includes(hostname);
  const isHttp = ({ protocol }: URL) => protocol === 'http:';
  const isHttps = ({ protocol }: URL) => protocol === 'https:';
  // For native clients, oidc-provider refuses https on a loopback host, and http on any other host.
  if (urls.some((url) => (isHttps(url) && isLoopback(url)) || (isHttp(url) && !isLoopback(url)))) return given;
  return urls.every(isHttps) ? given : 'native';
}
