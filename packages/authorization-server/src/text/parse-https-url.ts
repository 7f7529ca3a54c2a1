const maxLength = 2_000;

/** @returns undefined unless the value is an https URL without credentials and not longer than `maxLength` */
export function parseHttpsUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || value.length > maxLength) return undefined;
  const url = URL.parse(value);
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.password === '';
  return isPlain ? url : undefined;
}
