import type { IncomingHttpHeaders } from 'node:http';
import { MIMEType } from 'node:util';
import { Denied } from '../denials/denial.js';

/** In the alphabet of RFC 2046 section 5.1.1 without its blanks. */
const boundaryPattern = /^[\w'()+,./:=?-]{1,70}$/;
const unicode: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii']);

/** @throws Denied `content_type_unsupported` or `content_encoding_unsupported` */
export function requireJson(headers: IncomingHttpHeaders): void {
  requirePlain(headers);
  if (readType(headers, 'application/json') === undefined)
    throw new Denied({ reason: 'content_type_unsupported', expected: 'application/json in UTF-8' });
}

/**
 * @returns the boundary of the form
 * @throws Denied `content_type_unsupported` or `content_encoding_unsupported`
 */
export function requireForm(headers: IncomingHttpHeaders): string {
  requirePlain(headers);
  const boundary = readType(headers, 'multipart/form-data')?.params.get('boundary') ?? '';
  // Of two, another parser may take the second.
  const isOne = headers['content-type']?.match(/; *boundary=/gi)?.length === 1;
  if (!isOne || !boundaryPattern.test(boundary))
    throw new Denied({ reason: 'content_type_unsupported', expected: 'multipart/form-data with one boundary' });
  return boundary;
}

/** @returns undefined for another type or charset; other parameters mean nothing */
function readType(headers: IncomingHttpHeaders, expected: string): MIMEType | undefined {
  try {
    const type = new MIMEType(headers['content-type'] ?? '');
    const isText = unicode.has((type.params.get('charset') ?? 'utf-8').toLowerCase());
    return type.essence === expected && isText ? type : undefined;
  } catch {
    return undefined;
  }
}

/** A few compressed bytes can become gigabytes. */
function requirePlain(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw new Denied({ reason: 'content_encoding_unsupported' });
}
