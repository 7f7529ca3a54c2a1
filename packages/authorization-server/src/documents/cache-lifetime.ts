interface LifetimeBounds {
  /**
   * A document is fresh for at least this long, even if its headers say less. Otherwise one client could make this
   * server fetch its document at each request.
   */
  readonly leastSeconds: number;
  readonly mostSeconds: number;
  /** For a document whose headers say nothing. */
  readonly defaultSeconds: number;
}

const metadataBounds: LifetimeBounds = { leastSeconds: 60, mostSeconds: 24 * 60 * 60, defaultSeconds: 5 * 60 };

/** How long a document is fresh (RFC 9111 section 5.2.2), in seconds, within our bounds. */
export function readCacheLifetime(
  cacheControl: string | undefined,
  { leastSeconds, mostSeconds, defaultSeconds } = metadataBounds,
): number {
  if (cacheControl === undefined) return defaultSeconds;
  if (/(?:^|,)\s*no-(?:store|cache)\b/i.test(cacheControl)) return leastSeconds;
  const [, seconds] = /(?:^|,)\s*max-age\s*=\s*"?(\d{1,10})\b/i.exec(cacheControl) ?? [];
  return seconds === undefined ? defaultSeconds : Math.min(Math.max(Number(seconds), leastSeconds), mostSeconds);
}
