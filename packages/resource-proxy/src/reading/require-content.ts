import type { IncomingHttpHeaders } from 'node:http';
import { MIMEType } from 'node:util';
import { Denied } from '../denials/denial.js';

/** The characters of a boundary (RFC 2046 section 5.1.1), without the space. */
const boundaryPattern = /^[\w'()+,./:=?-]{1,70}$/;
const unicode: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii']);

/** @throws Denied `content_type_unsupported` or `content_encoding_unsupported` */
export function requireJson(headers: IncomingHttpHeaders): void {
  requirePlain(headers);
  if (!isJson(headers)) throw new Denied({ reason: 'content_type_unsupported', expected: jsonType });
}

const jsonType = 'application/json in UTF-8';

export function isJson(headers: IncomingHttpHeaders): boolean {
  return readType(headers, 'application/json') !== undefined;
}

/**
 * @param others the types that the operation accepts besides a form
 * @returns the boundary of the form
 * @throws Denied `content_type_unsupported` or `content_encoding_unsupported`
 */
export function requireForm(headers: IncomingHttpHeaders, others: 'none' | 'json' = 'none'): string {
  requirePlain(headers);
  const boundary = readType(headers, 'multipart/form-data')?.params.get('boundary') ?? '';
  // If there are two boundaries, another parser may take the second.
  const isOne = headers['content-type']?.match(/; *boundary=/gi)?.length === 1;
  if (!isOne || !boundaryPattern.test(boundary))
    throw new Denied({
      reason: 'content_type_unsupported',
      expected: others === 'json' ? `${formType}, or ${jsonType}` : formType,
    });
  return boundary;
}

const formType = 'multipart/form-data with one boundary';

/** @returns undefined for another type or charset; other parameters are ignored */
function readType(headers: IncomingHttpHeaders, expected: string): MIMEType | undefined {
  try {
    const type = new MIMEType(headers['content-type'] ?? '');
    const isText = unicode.has((type.params.get('charset') ?? 'utf-8').toLowerCase());
    return type.essence === expected && isText ? type : undefined;
  } catch {
    return undefined;
  }
}

/** Refuses compression: a few compressed bytes can become gigabytes. */
function requirePlain(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw new Denied({ reason: 'content_encoding_unsupported' });
}
