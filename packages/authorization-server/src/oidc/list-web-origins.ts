/** The origins where a client's browser code runs: those of its http(s) redirect URIs. */
export function listWebOrigins(redirectUris: readonly string[]): string[] {
  const urls = redirectUris.flatMap((uri) => URL.parse(uri) ?? []);
  return [...new Set(urls.filter(({ protocol }) => /^https?:$/.test(protocol)).map(({ origin }) => origin))];
}
