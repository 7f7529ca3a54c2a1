import { canonicalFieldName } from '@aipassport/policy';
import { Denied } from '../../denials/denial.js';
import type { Member } from '../../json/inspect-body.js';
import { isJsonObject } from '../../json/read-strict-json.js';
import { requireAllowedUrl } from '../remote-input.js';
import type { BodyFacts } from '../upstream-api.js';

/** The vendor's own hosts. Their URLs can name files that are shared by all users of the provider key. */
const ownHosts = /((^|\.)googleapis\.com|^storage\.cloud\.google\.com)\.*$/;

/**
 * @returns true for a `gs:` URL, the name of a stored file, and a URL that leads to one of the vendor's own hosts,
 * however each is spelled
 */
function isStoredFile(uri: string): boolean {
  if (/^\s*(gs:|files\/)/i.test(uri)) return true;
  if (!URL.canParse(uri)) return false;
  return ownHosts.test(new URL(uri).hostname);
}

/** Checks a `fileData` part. A web URL needs the capability `tools.web`; a file that the vendor stores is refused. */
export function requireAllowedFile({ value, place }: Member, bodyFacts: BodyFacts): void {
  if (!isJsonObject(value)) return;
  for (const [name, uri] of Object.entries(value)) {
    if (canonicalFieldName(name) !== 'fileUri') continue;
    const field = `${place()}.${name}`;
    if (typeof uri === 'string' && isStoredFile(uri)) throw new Denied({ reason: 'stored_state_refused', field });
    requireAllowedUrl(field, uri, bodyFacts);
  }
}
