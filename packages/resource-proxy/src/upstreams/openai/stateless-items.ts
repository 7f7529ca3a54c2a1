import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { describeCodeRun } from './describe-code-run.js';

/**
 * The items of a conversation that are complete in themselves, each with the members that hold its content. Other items
 * refer to, configure or run something that is stored elsewhere.
 */
const carriers: Readonly<Record<string, readonly string[]>> = {
  message: ['content'],
  reasoning: ['encrypted_content', 'content', 'summary'],
  function_call: ['arguments'],
  function_call_output: ['output'],
  custom_tool_call: ['input'],
  custom_tool_call_output: ['output'],
  web_search_call: ['action', 'status'],
  code_interpreter_call: ['code', 'outputs'],
  local_shell_call: ['action'],
  local_shell_call_output: ['output'],
  apply_patch_call: ['operation'],
  apply_patch_call_output: ['output', 'status'],
};

/**
 * Makes the input of a response self-contained. When an item has an `id`, the vendor looks it up among the items of all
 * users of the key, and ignores the rest of the item. So identifiers are removed, and an item without other content is
 * refused. Changes the body.
 *
 * @throws Denied `stored_state_refused` or `field_invalid`
 */
export function requireStatelessInput(body: JsonObject): void {
  const { input, instructions } = body;
  // An answer repeats them as text or as a list of items; a request has text only.
  if (instructions !== undefined && instructions !== null && typeof instructions !== 'string')
    throw new Denied({ reason: 'field_invalid', field: 'instructions' });
  if (input === undefined || input === null || typeof input === 'string') return;
  if (!Array.isArray(input)) throw new Denied({ reason: 'field_invalid', field: 'input' });
  const shellCalls = new Map(input.flatMap(listShellCallIds));
  body.input = input.map((item, index) => {
    if (!isJsonObject(item)) throw new Denied({ reason: 'field_invalid', field: 'input' });
    return makeStateless(item, `input[${index}]`, shellCalls);
  });
}

type ShellCalls = ReadonlyMap<JsonValue, JsonValue>;

function makeStateless(item: JsonObject, field: string, shellCalls: ShellCalls): JsonObject {
  const type = readType(item);
  const carrying = type === undefined || !Object.hasOwn(carriers, type) ? undefined : carriers[type];
  if (type === undefined || carrying === undefined) throw new Denied({ reason: 'stored_state_refused', field });
  const { id = null, ...whole } = item;
  const isReference = id !== null && !carrying.some((name) => carries(type, item[name]));
  if (isReference) throw new Denied({ reason: 'stored_state_refused', field });
  switch (type) {
    case 'code_interpreter_call':
      return describeCodeRun(item, field);
    case 'local_shell_call_output':
      return id === null ? whole : { ...whole, id: findShellCall(shellCalls, id, field) };
    case 'message':
      return { ...whole, ...(Array.isArray(whole.content) && { content: whole.content.map(dropCitedFiles) }) };
    default:
      return whole;
  }
}

/** Here the identifier names the call that the output belongs to. That call must be in the input too. */
function findShellCall(shellCalls: ShellCalls, id: JsonValue, field: string): JsonValue {
  const callId = shellCalls.get(id);
  if (callId === undefined) throw new Denied({ reason: 'stored_state_refused', field });
  return callId;
}

/** An item with neither type nor role is a reference to a stored one. */
function readType({ type, role }: JsonObject): string | undefined {
  if (type === undefined || type === null) return typeof role === 'string' ? 'message' : undefined;
  return typeof type === 'string' ? type : undefined;
}

/** When the vendor stores the reasoning, these members exist but are empty. */
function carries(type: string, value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return false;
  return type !== 'reasoning' || ((typeof value === 'string' || Array.isArray(value)) && value.length > 0);
}

function listShellCallIds(item: JsonValue): readonly (readonly [JsonValue, JsonValue])[] {
  if (!isJsonObject(item) || item.type !== 'local_shell_call' || typeof item.call_id !== 'string') return [];
  return [item.id, item.call_id].flatMap((id) => (typeof id === 'string' ? [[id, item.call_id ?? null] as const] : []));
}

/** Citations of files name files that the vendor stores. Web addresses are only quoted, not fetched. */
function dropCitedFiles(part: JsonValue): JsonValue {
  if (!isJsonObject(part) || !Array.isArray(part.annotations)) return part;
  const isStored = (annotation: JsonValue) =>
    isJsonObject(annotation) && ['file_id', 'container_id'].some((name) => Object.hasOwn(annotation, name));
  return { ...part, annotations: part.annotations.filter((annotation) => !isStored(annotation)) };
}
