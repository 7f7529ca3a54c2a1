import type { IncomingHttpHeaders } from 'node:http';
import { parseJson } from '@aipassport/contracts';
import { findConfidential } from '../upstreams/scrub-text.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import { maskRanges } from './key-scrubber.js';
import { viewPlain } from './plain-view.js';

/** Members of answers whose value may name the owner's account with the vendor. */
export const accountMembers = [
  'org_id',
  'organization',
  'organization_id',
  'project',
  'project_id',
  'project_number',
  'consumer',
];

const accountHeaders = Object.values(upstreamApis).flatMap((api) => api.accountHeaders);
/** Matches identifiers, but no ordinary words: a text with a digit, and as long as a vendor's identifiers are. */
const identifier = /^(?=.*\d)[\w.-]{12,128}$/;

/** @returns the identifiers of the owner's account in an answer's headers */
export function listAccountNames(headers: IncomingHttpHeaders): readonly string[] {
  return accountHeaders
    .map((name) => headers[name])
    .filter((value) => typeof value === 'string' && identifier.test(value)) as string[]; // only strings pass the filter
}

/**
 * Masks names of the owner's account in a piece of JSON. In a vendor's error it masks everything that may be such a name,
 * and also provider keys and e-mail addresses. Elsewhere it masks only names that no ordinary text contains, because a
 * model may have written the text for a tool. The length stays the same.
 *
 * @param isError whether the text is known to be an error, so that its form is not checked
 */
export function maskAccountNames(json: Buffer, isError = false): Buffer {
  return maskNames(json, isError || isVendorError(parseJson(json.toString('utf8'))) ? 'all' : 'unmistakable');
}

/**
 * Masks names of the owner's account in a part of a JSON value. A part cannot be parsed, so only names that no ordinary
 * text contains are masked. The length stays the same.
 */
export function maskNamesInPart(part: Buffer): Buffer {
  return maskNames(part, 'unmistakable');
}

/**
 * The time that this takes must grow only in proportion to the length of the text, because a client may have written
 * the text.
 */
function maskNames(bytes: Buffer, shapes: 'all' | 'unmistakable'): Buffer {
  const view = viewPlain(bytes);
  const found = findConfidential(separateStrings(view.bytes.toString('latin1')), shapes);
  return maskRanges(
    bytes,
    found.map(({ start, end }) => ({ start: view.startOf(start), end: view.startOf(end) })),
  );
}

/**
 * Replaces the escapes in the strings of a JSON text with spaces, and the quotation marks around the strings with line
 * feeds. So a name ends with its string, and does not begin with a letter of an escape. The length stays the same.
 */
function separateStrings(json: string): string {
  return json.replace(/\\+["bfnrt]?|"/g, (found) => (found === '"' ? '\n' : ' '.repeat(found.length)));
}

/** All vendors' errors have a message, and also a code, a type or a status. */
function isVendorError(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('message' in value)) return false;
  return typeof value.message === 'string' && ['code', 'type', 'status'].some((name) => Object.hasOwn(value, name));
}
