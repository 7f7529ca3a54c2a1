import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { nameSet } from '../name-set.js';
import type { ToolTable } from '../require-known-tools.js';

/** https://platform.openai.com/docs/guides/tools */
export const openaiTools: ToolTable = {
  // A `namespace` contains `tools` too. They are checked like the tools of the request.
  client: nameSet('function custom namespace local_shell shell apply_patch computer computer_use_preview tool_search'),
  granted: { web_search: 'tools.web', web_search_preview: 'tools.web', code_interpreter: 'code' },
  conditions: {
    code_interpreter: ({ container }) => isFresh(container),
    shell: ({ environment }) => isJsonObject(environment) && environment.type === 'local',
  },
};

export function readOpenaiKind({ type = null }: JsonObject): readonly JsonValue[] {
  return [type];
}

/** The memory of the smallest container. Containers with more memory cost more. */
const defaultMemory = '1g';

/**
 * Whether a container is created for this request alone, with the default memory and without files or other settings.
 * All users of the provider key share named containers and containers with files.
 */
function isFresh(container: JsonValue | undefined): boolean {
  if (!isJsonObject(container)) return false;
  const { type, memory_limit: memory = null, file_ids: files = null, ...rest } = container;
  return (
    type === 'auto' &&
    (memory === null || memory === defaultMemory) &&
    (files === null || (Array.isArray(files) && files.length === 0)) &&
    Object.values(rest).every((value) => value === null)
  );
}
