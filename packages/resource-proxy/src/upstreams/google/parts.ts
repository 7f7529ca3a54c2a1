import { canonicalFieldName } from '@aipassport/policy';
import { Denied } from '../../denials/denial.js';
import { describeValue } from '../../denials/describe-value.js';
import type { Member } from '../../json/inspect-body.js';
import { isJsonObject } from '../../json/read-strict-json.js';
import { nameSet } from '../name-set.js';
import type { BodyFacts } from '../upstream-api.js';

/** The members of a part: https://ai.google.dev/api/caching#Part */
const known = nameSet(
  'text inlineData fileData functionCall functionResponse executableCode codeExecutionResult toolCall toolResponse',
  'thought thoughtSignature partMetadata videoMetadata mediaResolution mediaProcessing audioTranscription speechMetadata',
);

/**
 * Requires known members of the parts of a content. An unknown member is refused, because its cost and the data that it
 * gives access to are unknown.
 */
export function requireKnownParts({ value, place }: Member, { additions }: BodyFacts): void {
  const parts = Array.isArray(value) ? value : [value];
  parts.forEach((part, index) => {
    if (!isJsonObject(part)) return;
    const unknown = Object.keys(part).find((key) => {
      const name = canonicalFieldName(key);
      return !known.has(name) && !additions.content.has(name);
    });
    if (unknown === undefined) return;
    const field = `${place()}[${index}]`;
    throw new Denied({ reason: 'kind_not_offered', of: 'content', field, kind: describeValue(unknown) });
  });
}
