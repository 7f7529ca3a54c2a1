import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonValue } from '../../json/read-strict-json.js';
import type { Wishes } from '../upstream-api.js';

/** Types end in their date of release. Run by the client itself, or inside the model: they cost nothing but tokens. */
const clientSide = /^(custom|(bash|text_editor|memory)_\d{8}|tool_search_tool_(bm25|regex)(_\d{8})?)$/;
const web = /^web_(search|fetch)_\d{8}$/;
const code = /^code_execution_\d{8}$/;

/** Judges the tools of a request: the client's own, two kinds of the vendor's that an owner can grant, and no others. */
export function requireOfferedTools(value: JsonValue, wishes: Wishes): void {
  if (value === null) return;
  if (!Array.isArray(value)) throw new Denied({ reason: 'field_invalid', field: 'tools' });
  for (const tool of value) {
    if (!isJsonObject(tool)) throw new Denied({ reason: 'field_invalid', field: 'tools' });
    const type = tool.type ?? 'custom';
    if (typeof type !== 'string') throw new Denied({ reason: 'field_invalid', field: 'tools' });
    if (clientSide.test(type)) continue;
    if (web.test(type)) wishes.capabilities.add('tools.web');
    else if (code.test(type)) wishes.capabilities.add('code');
    else throw new Denied({ reason: 'tool_not_offered' });
  }
}
