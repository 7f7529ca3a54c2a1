import { canonicalFieldName } from '@aipassport/policy';
import type { JsonObject, JsonValue } from '../../json/read-strict-json.js';
import type { ToolTable } from '../require-known-tools.js';
import { words } from '../words.js';

/** https://ai.google.dev/api/caching#Tool */
export const googleTools: ToolTable = {
  client: words('functionDeclarations computerUse'),
  granted: {
    googleSearch: 'tools.web',
    googleSearchRetrieval: 'tools.web',
    urlContext: 'tools.web',
    codeExecution: 'code',
  },
};

/**
 * A tool is an object whose members are its kinds. Members that are null or an empty list do not count, so an empty
 * object has no kind.
 */
export function readGoogleKinds(tool: JsonObject): readonly JsonValue[] {
  return Object.keys(tool)
    .filter((name) => !isEmpty(tool[name]))
    .map(canonicalFieldName);
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}
