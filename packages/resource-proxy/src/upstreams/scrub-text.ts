import { builtInUpstreams } from '@aipassport/policy';
import type { Range } from '../secrecy/key-finder.js';

const maxLength = 2_000;

/** Without the look-behind, a long word would be searched again from each of its characters. */
const email = /(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+/g;

const prefixes = ['sk-', 'pk-', 'rk-', ...builtInUpstreams.flatMap(({ keyPrefixes }) => keyPrefixes)];
const anyPrefix = prefixes.map((prefix) => prefix.replaceAll('.', '\\.')).join('|');
/**
 * Provider keys and masked provider keys. In a text that was decoded byte by byte, the ellipsis of a masked provider key
 * is three characters, or NUL if it was escaped (`plain-view.ts`).
 */
const key = new RegExp(`\\b(${anyPrefix})(?:[\\w*.\\-…\\0]|\\xe2\\x80\\xa6){4,}`, 'gi');

/** Identifiers of organisations, projects, users, accounts and workspaces. */
const identifier =
  /\b(org|proj|project|user|acct|wrkspc)[-_](?=\w*\d)\w{6,}|\b(projects?|project_number|consumer)[ :/"'=]+[\w:/-]{4,}/gi;

/** Other forms of confidential data that vendors put into messages. */
const confidential = [email, key, identifier];

/**
 * Matches only what no text contains by chance. In a text that a model may have written, nothing else is searched for.
 */
const unmistakable = [
  /\b(org-|proj_|user-|wrkspc_)(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{10,}(?![A-Za-z0-9])|\bprojects\/\d{6,}(?!\d)/g,
];

/** @returns where a text has confidential parts; the ranges may overlap */
export function findConfidential(text: string, shapes: 'all' | 'unmistakable'): readonly Range[] {
  const patterns = shapes === 'all' ? confidential : unmistakable;
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ index, 0: part }) => ({ start: index, end: index + part.length })),
  );
}

/**
 * Removes the owner's confidential data from an upstream's message: provider keys, and the names of the owner's
 * account. A text that is longer than `maxLength` is cut off.
 */
export function scrubText(text: string): string {
  return confidential.reduce((rest, pattern) => rest.replace(pattern, '[removed]'), text.slice(0, maxLength));
}

const wordPattern = /^[\w.-]{1,100}$/;

/**
 * Reads the code or the type of an upstream's error.
 * @returns null when it is not a plain word, or when it contains confidential data
 */
export function readWord(value: unknown): string | null {
  return typeof value === 'string' && wordPattern.test(value) && scrubText(value) === value ? value : null;
}
