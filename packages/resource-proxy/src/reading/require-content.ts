import type { IncomingHttpHeaders } from 'node:http';
import { Denied } from '../denials/denial.js';

const jsonPattern = /^application\/json *(; *charset="?utf-8"? *)?$/i;
/** The boundary in the alphabet of RFC 2046 section 5.1.1 without its blanks, and no other parameter. */
const formPattern = /^multipart\/form-data *; *boundary=("?)([\w'()+,./:=?-]{1,70})\1 *$/i;

/** @throws Denied `content_type_unsupported` or `content_encoding_unsupported` */
export function requireJson(headers: IncomingHttpHeaders): void {
  requirePlain(headers);
  if (!jsonPattern.test(headers['content-type'] ?? '')) {
    throw new Denied({ reason: 'content_type_unsupported', expected: 'application/json in UTF-8' });
  }
}

/**
 * @returns the boundary of the form
 * @throws Denied `content_type_unsupported` or `content_encoding_unsupported`
 */
export function requireForm(headers: IncomingHttpHeaders): string {
  requirePlain(headers);
  const boundary = formPattern.exec(headers['content-type'] ?? '')?.[2];
  if (boundary === undefined) {
    throw new Denied({ reason: 'content_type_unsupported', expected: 'multipart/form-data with one boundary' });
  }
  return boundary;
}

/** A few compressed bytes can become gigabytes. */
function requirePlain(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw new Denied({ reason: 'content_encoding_unsupported' });
}
