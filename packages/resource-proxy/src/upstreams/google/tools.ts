import type { Capability } from '@aipassport/policy';
import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonValue } from '../../json/read-strict-json.js';
import type { Wishes } from '../upstream-api.js';
import { canonicalFieldName } from './canonical-field-name.js';

/** A tool is an object whose members are its kinds. What each needs; undefined: nothing, it is the client's own. */
const offered: Readonly<Record<string, Capability | undefined>> = {
  functionDeclarations: undefined,
  googleSearch: 'tools.web',
  googleSearchRetrieval: 'tools.web',
  urlContext: 'tools.web',
  codeExecution: 'code',
};

/** Judges the tools of a request: the client's own, two kinds of the vendor's that an owner can grant, and no others. */
export function requireOfferedTools(value: JsonValue, wishes: Wishes): void {
  if (value === null) return;
  // The JSON mapping takes a list only; some readers take a single value for a list of one.
  for (const tool of Array.isArray(value) ? value : [value]) {
    if (!isJsonObject(tool)) throw new Denied({ reason: 'field_invalid', field: 'tools' });
    for (const kind of Object.keys(tool).map(canonicalFieldName)) {
      if (!Object.hasOwn(offered, kind)) throw new Denied({ reason: 'tool_not_offered' });
      const capability = offered[kind];
      if (capability !== undefined) wishes.capabilities.add(capability);
    }
  }
}
