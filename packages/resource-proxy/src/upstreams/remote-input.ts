import { Denied } from '../denials/denial.js';
import { describeValue } from '../denials/describe-value.js';
import type { JsonValue } from '../json/read-strict-json.js';
import type { BodyFacts } from './upstream-api.js';

/**
 * Checks the URL of an input. A `data:` URL contains the client's own data. The vendor fetches any other
 * URL at the owner's expense, so the grant must have the capability `tools.web`.
 */
export function requireAllowedUrl(field: string, value: JsonValue, bodyFacts: BodyFacts): void {
  if (value === null) return;
  if (typeof value !== 'string') refuseUrl(field, value);
  const scheme = value.slice(0, 8).toLowerCase();
  if (scheme.startsWith('data:')) return;
  if (!scheme.startsWith('https://') && !scheme.startsWith('http://')) refuseUrl(field, value);
  bodyFacts.capabilities.add('tools.web');
  bodyFacts.readsUrls = true;
}

function refuseUrl(field: string, value: JsonValue): never {
  const expected = 'a URL that begins with https:, http: or data:';
  throw new Denied({ reason: 'field_invalid', field, found: describeValue(value), expected });
}

/** Refuses a reference to an object that the vendor stores, because all users of the provider key share it. */
export function refuseStored(place: () => string, value: JsonValue): void {
  if (value === null || (Array.isArray(value) && value.length === 0)) return;
  throw new Denied({ reason: 'stored_state_refused', field: place(), found: describeValue(value) });
}
