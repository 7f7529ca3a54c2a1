import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { requireAllowedUrl } from '../remote-input.js';
import type { Wishes } from '../upstream-api.js';
import { canonicalFieldName } from './canonical-field-name.js';

/** Hosts of the vendor's own, where addresses name what it keeps for everyone who uses the key. */
const ownHosts = /((^|\.)googleapis\.com|^storage\.cloud\.google\.com)$/;

/** @returns true for what a reader of addresses takes to the vendor's own hosts, however it is written */
function isStoredFile(uri: string): boolean {
  if (/^\s*(gs:|files\/)/i.test(uri)) return true;
  if (!URL.canParse(uri)) return false;
  return ownHosts.test(new URL(uri).hostname.replace(/\.+$/, ''));
}

/** Judges a `fileData` part: an address on the web needs the owner's leave, a file that the vendor keeps is refused. */
export function requireAllowedFile(value: JsonValue, wishes: Wishes): void {
  if (!isJsonObject(value)) return;
  for (const [name, uri] of Object.entries(value)) {
    if (canonicalFieldName(name) !== 'fileUri') continue;
    if (typeof uri === 'string' && isStoredFile(uri)) {
      throw new Denied({ reason: 'stored_state_refused', field: 'fileUri' });
    }
    requireAllowedUrl('fileUri', uri, wishes);
  }
}
