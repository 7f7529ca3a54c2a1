import { Denied } from '../denials/denial.js';
import { isText } from './is-text.js';
import { malformedText } from './malformed-text.js';

/** More than clients need: their metadata and `authorization_details` have three levels. */
const maxDepth = 16;

/**
 * Checks every string and member name in a JSON document. Escapes such as `\u0000` and `\ud800` are valid JSON, but
 * cannot be stored or compared. Malformed JSON passes this check, because the code that parses it later refuses it.
 * @throws Denied 400
 */
export function requireTextInJson(json: string): void {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return;
  }
  const pending: { readonly value: unknown; readonly depth: number }[] = [{ value: document, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string' && !isText(value)) throw malformedText();
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= maxDepth) throw tooDeep();
    for (const [name, member] of Object.entries(value)) {
      if (!isText(name)) throw malformedText();
      pending.push({ value: member, depth: depth + 1 });
    }
  }
}

function tooDeep(): Denied {
  return new Denied({ reason: 'json_too_deep', maxDepth });
}
