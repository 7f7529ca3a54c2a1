/** The origins of a client's http(s) redirect URIs, where its browser code runs. */
export function listWebOrigins(redirectUris: readonly string[]): string[] {
  const urls = redirectUris.flatMap((uri) => URL.parse(uri) ?? []);
  return [...new Set(urls.filter(({ protocol }) => /^https?:$/.test(protocol)).map(({ origin }) => origin))];
}
