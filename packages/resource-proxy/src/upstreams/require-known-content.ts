import { Denied } from '../denials/denial.js';
import { describeValue } from '../denials/describe-value.js';
import type { Member } from '../json/inspect-body.js';
import { isJsonObject } from '../json/read-strict-json.js';
import { withoutDate } from './require-known-tools.js';
import type { BodyFacts } from './upstream-api.js';

/**
 * Requires known types of the parts of a message. An unknown type is refused, because its cost and the data that it
 * gives access to are unknown.
 */
export function requireKnownContent(
  { value, place }: Member,
  { additions }: BodyFacts,
  known: ReadonlySet<string>,
): void {
  if (!Array.isArray(value)) return;
  value.forEach((part, index) => {
    if (!isJsonObject(part) || part.type === undefined || part.type === null) return;
    const { type } = part;
    if (typeof type === 'string' && (known.has(type) || additions.content.has(withoutDate(type)))) return;
    const field = `${place()}[${index}]`;
    throw new Denied({ reason: 'kind_not_offered', of: 'content', field, kind: describeValue(type) });
  });
}
