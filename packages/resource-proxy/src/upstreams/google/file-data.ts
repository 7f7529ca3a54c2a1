import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { requireAllowedUrl } from '../remote-input.js';
import type { Wishes } from '../upstream-api.js';
import { canonicalFieldName } from './canonical-field-name.js';

/** Files kept by the vendor have addresses below its own host. */
const storedFile = /^https?:\/\/[^/]*\.googleapis\.com(:\d+)?\//i;

/** Judges a `fileData` part: an address on the web needs the owner's leave, a file that the vendor keeps is refused. */
export function requireAllowedFile(value: JsonValue, wishes: Wishes): void {
  if (!isJsonObject(value)) return;
  for (const [name, uri] of Object.entries(value)) {
    if (canonicalFieldName(name) !== 'fileUri') continue;
    if (typeof uri === 'string' && (storedFile.test(uri) || /^(gs:|files\/)/i.test(uri))) {
      throw new Denied({ reason: 'stored_state_refused', field: 'fileUri' });
    }
    requireAllowedUrl('fileUri', uri, wishes);
  }
}
