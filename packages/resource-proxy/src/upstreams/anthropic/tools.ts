import type { JsonObject, JsonValue } from '../../json/read-strict-json.js';
import { nameSet } from '../name-set.js';
import type { ToolTable } from '../require-known-tools.js';

/** https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview */
export const anthropicTools: ToolTable = {
  client: nameSet(
    'custom bash text_editor memory computer computer_toolset browser_toolset',
    // The vendor runs these tools. They find only tools of the request, and cost only tokens.
    'tool_search_tool_bm25 tool_search_tool_regex',
  ),
  granted: { web_search: 'tools.web', web_fetch: 'tools.web', code_execution: 'code' },
};

export function readAnthropicKind({ type = null }: JsonObject): readonly JsonValue[] {
  return [type ?? 'custom'];
}
