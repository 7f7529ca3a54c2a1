import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import type { Wishes } from '../upstream-api.js';

/** Run by the client itself, so they cost nothing but tokens. */
const clientSide = new Set<JsonValue | undefined>(['function', 'custom', 'local_shell', 'apply_patch']);
const webSearch = new Set<JsonValue | undefined>([
  'web_search',
  'web_search_2025_08_26',
  'web_search_preview',
  'web_search_preview_2025_03_11',
]);

/** Judges the tools of a request: the client's own, two kinds of the vendor's that an owner can grant, and no others. */
export function requireOfferedTools(value: JsonValue, wishes: Wishes): void {
  if (value === null) return;
  if (!Array.isArray(value)) throw new Denied({ reason: 'field_invalid', field: 'tools' });
  for (const tool of value) {
    if (!isJsonObject(tool)) throw new Denied({ reason: 'field_invalid', field: 'tools' });
    if (clientSide.has(tool.type)) continue;
    if (webSearch.has(tool.type)) wishes.capabilities.add('tools.web');
    else if (tool.type === 'code_interpreter' && isFreshContainer(tool)) wishes.capabilities.add('code');
    else throw new Denied({ reason: 'tool_not_offered' });
  }
}

/** A container of this request alone: named ones are shared by everyone who uses the key, larger ones cost more. */
function isFreshContainer({ container }: JsonObject): boolean {
  return isJsonObject(container) && container.type === 'auto' && Object.keys(container).length === 1;
}
