const maxLength = 2_000;

/** @returns undefined for everything but an https address without credentials and of a usual length */
export function parseHttpsUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || value.length > maxLength) return undefined;
  const url = URL.parse(value);
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.password === '';
  return isPlain ? url : undefined;
}
