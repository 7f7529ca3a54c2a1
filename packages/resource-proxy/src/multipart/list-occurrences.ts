import type { FieldTable } from '@aipassport/policy';

/** The number of times that a field of a form may occur. */
export type Occurrence = 'once' | 'repeated';

/**
 * Lists the names of a form's fields, and how often each may occur. Some clients write brackets after the name of a
 * list, so both spellings are in the result.
 */
export function listOccurrences(table: FieldTable): ReadonlyMap<string, Occurrence> {
  const occurrences = new Map<string, Occurrence>();
  for (const [name, { rule }] of Object.entries(table)) {
    const isList = rule.rule === 'list';
    occurrences.set(name, isList ? 'repeated' : 'once');
    if (isList) occurrences.set(`${name}[]`, 'repeated');
  }
  return occurrences;
}
