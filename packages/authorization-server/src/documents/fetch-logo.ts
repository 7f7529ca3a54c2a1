import { createHash } from 'node:crypto';
import type { Picture } from '@aipassport/store/authorization';
import { readCacheLifetime } from './cache-lifetime.js';
import { type DocumentRequest, DocumentUnreadable, fetchDocument } from './fetch-document.js';
import { readPictureHeader } from './read-picture-header.js';

/** The greatest width and height, in pixels. A small file can describe a picture that fills a browser's memory. */
const maxPixels = 2_048;
const day = 24 * 60 * 60;
const lifetimes = { leastSeconds: 60 * 60, mostSeconds: 7 * day, defaultSeconds: day };

const limits = {
  // The format is read from the bytes, so the content type that the host names does not matter.
  accepts: { header: 'image/png, image/webp, image/jpeg, image/gif', contentType: /^/ },
  maxBytes: 100 * 1024,
  timeoutMilliseconds: 3_000,
} as const satisfies Partial<DocumentRequest>;

interface FetchedLogo {
  readonly picture: Picture;
  readonly freshSeconds: number;
}

/** @throws DocumentUnreadable */
export async function fetchLogo(url: URL, trustedHosts: readonly string[]): Promise<FetchedLogo> {
  const { body: bytes, cacheControl } = await fetchDocument({ ...limits, url, trustedHosts });
  const header = readPictureHeader(bytes);
  if (header === undefined) throw new DocumentUnreadable('wrong_type');
  const { mediaType, width, height } = header;
  if (Math.max(width, height) > maxPixels) throw new DocumentUnreadable('too_large');
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { picture: { hash, mediaType, bytes }, freshSeconds: readCacheLifetime(cacheControl, lifetimes) };
}
