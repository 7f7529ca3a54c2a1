import type { IncomingHttpHeaders } from 'node:http';
import { findConfidential } from '../upstreams/scrub-text.js';
import { KeyFinder } from './key-finder.js';
import { spellName } from './key-spellings.js';
import { KeyScrubber } from './key-scrubber.js';

/** Members of answers whose value names the owner's account with the vendor. */
export const accountMembers = [
  'org_id',
  'organization',
  'organization_id',
  'project',
  'project_id',
  'project_number',
  'consumer',
];

/** Headers that do. They are not passed on; what they say is not to stand elsewhere in the answer either. */
const accountHeaders = ['openai-organization', 'openai-project', 'anthropic-organization-id', 'x-goog-user-project'];
/** An identifier, not a word that an answer may use for something else: as long as the vendors' are, and with a digit. */
const identifier = /^(?=.*\d)[\w.-]{12,128}$/;
const minNameLength = 4;

/** @returns the identifiers of the owner's account that an answer's headers give away */
export function listAccountNames(headers: IncomingHttpHeaders): readonly string[] {
  return accountHeaders
    .map((name) => headers[name])
    .filter((value) => typeof value === 'string' && identifier.test(value)) as string[]; // filtered
}

/**
 * Blots out what names the owner's account, and keys, in a piece of JSON that speaks of it: an error for the most
 * part. As long as before; what is no JSON is left as it is.
 */
export function blotOutNames(json: Buffer): Buffer {
  const names = new Set<string>();
  collectNames(parse(json), names);
  if (names.size === 0) return json;
  return new KeyScrubber(new KeyFinder([...names].map(spellName))).scrubWhole(json);
}

function collectNames(value: unknown, names: Set<string>): void {
  if (typeof value === 'string') for (const found of findConfidential(value)) addName(found, names);
  else if (Array.isArray(value)) for (const item of value) collectNames(item, names);
  else if (typeof value === 'object' && value !== null)
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'string' && accountMembers.includes(name)) addName(member, names);
      else collectNames(member, names);
    }
}

/** Masked keys have dots of several kinds in their middle, which may be written in several ways. */
function addName(found: string, names: Set<string>): void {
  for (const part of found.split(/[^\x21-\x7e]+/)) if (part.length >= minNameLength) names.add(part);
}

function parse(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
