import { Denied } from '../../denials/denial.js';
import { describeValue } from '../../denials/describe-value.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { isStateName } from '../../state/state-facts.js';
import { withoutDate } from '../require-known-tools.js';
import { describeCodeRun } from './describe-code-run.js';

/**
 * The types of the items that are self-contained, each with the members that contain the item's content. Other items
 * refer to data that is stored elsewhere, or are unknown to this proxy.
 */
const carriers: Readonly<Record<string, readonly string[]>> = {
  message: ['content'],
  agent_message: ['content'],
  reasoning: ['encrypted_content', 'content', 'summary'],
  compaction: ['encrypted_content'],
  compaction_summary: ['encrypted_content'],
  context_compaction: ['encrypted_content'],
  configuration_update: ['reasoning', 'text'],
  additional_tools: ['tools'],
  function_call: ['arguments'],
  function_call_output: ['output'],
  custom_tool_call: ['input'],
  custom_tool_call_output: ['output'],
  tool_search_call: ['arguments'],
  tool_search_output: ['tools'],
  web_search_call: ['action', 'status'],
  file_search_call: ['results'],
  code_interpreter_call: ['code', 'outputs'],
  image_generation_call: ['result'],
  computer_call: ['action', 'actions'],
  computer_call_output: ['output'],
  local_shell_call: ['action'],
  local_shell_call_output: ['output'],
  shell_call: ['action'],
  shell_call_output: ['output'],
  apply_patch_call: ['operation'],
  apply_patch_call_output: ['output', 'status'],
  mcp_list_tools: ['tools'],
  mcp_call: ['output', 'error'],
};

/** The items that the vendor stores for the grant. */
export interface GrantItems {
  /** @returns whether the item is stored for the grant. A stored item is then counted as input of the request */
  readonly take: (id: string) => boolean;
  /** Refuses an item that is only a reference to an object that is not stored for the grant. @throws Denied */
  readonly refuse: (field: string) => never;
}

/** The terms for the items of a request. */
export interface ItemTerms {
  readonly own: GrantItems;
  /** Item types that the operator declares self-contained. */
  readonly added: ReadonlySet<string>;
  /** Whether the input continues a stored response or conversation. */
  readonly hasContext: boolean;
}

/**
 * Makes the input of a response self-contained, except for the grant's own stored items. When an item has an `id`, the
 * vendor looks it up among the items of all users of the provider key, and ignores the rest of the item. So an item of
 * the grant is sent as a reference only. The identifier of any other item is removed, and an item that contains only an
 * identifier is refused. Changes the body.
 *
 * @throws Denied
 */
export function makeSelfContained(body: JsonObject, { added, own, hasContext }: ItemTerms): void {
  const { input, instructions } = body;
  // OpenAI's answers repeat the instructions as text or as a list of items. A request may contain them only as text.
  if (instructions !== undefined && instructions !== null && typeof instructions !== 'string')
    refuseShape('instructions', instructions, 'a text');
  if (input === undefined || input === null || typeof input === 'string') return;
  if (!Array.isArray(input)) return refuseShape('input', input, 'a text or a list of items');
  const shellCalls = new Map(input.flatMap(listShellCallIds));
  body.input = input.map((item, index) => {
    const field = `input[${index}]`;
    if (!isJsonObject(item)) return refuseShape(field, item, 'an object');
    return makeStateless(item, { field, shellCalls, added, own, hasContext });
  });
}

function refuseShape(field: string, value: JsonValue, expected: string): never {
  throw new Denied({ reason: 'field_invalid', field, found: describeValue(value), expected });
}

interface ItemPlace extends ItemTerms {
  readonly field: string;
  /** Maps the identifier of each local shell call, and the identifier of its item, to the identifier of the call. */
  readonly shellCalls: ReadonlyMap<JsonValue, JsonValue>;
}

function makeStateless(item: JsonObject, { field, shellCalls, added, own, hasContext }: ItemPlace): JsonObject {
  const type = readType(item);
  // The `id` of a `local_shell_call_output` is the identifier of its call, not of a stored item.
  if (typeof item.id === 'string' && type !== 'local_shell_call_output') {
    if (own.take(item.id)) return { type: 'item_reference', id: item.id };
    if (type === undefined || type === 'item_reference') return own.refuse(field);
  }
  const { id = null, ...whole } = item;
  if (typeof type === 'string' && added.has(withoutDate(type))) return whole;
  const carrying = typeof type === 'string' && Object.hasOwn(carriers, type) ? carriers[type] : undefined;
  if (typeof type !== 'string' || carrying === undefined) return refuseItem(item, field);
  const isReference = id !== null && !carrying.some((name) => carries(type, item[name]));
  if (isReference) return own.refuse(field);
  switch (type) {
    case 'code_interpreter_call':
      return describeCodeRun(item, field);
    case 'local_shell_call_output':
      if (id === null) return whole;
      return { ...whole, id: shellCalls.get(id) ?? (hasContext && isStateName(id) ? id : own.refuse(field)) };
    case 'message':
      return { ...whole, ...(Array.isArray(whole.content) && { content: whole.content.map(dropCitedFiles) }) };
    default:
      return whole;
  }
}

/**
 * Refuses an item that is a reference to a stored item (it has no type, or the type `item_reference`), or whose type is
 * unknown.
 */
function refuseItem(item: JsonObject, field: string): never {
  const type = readType(item) ?? 'item_reference';
  const isKnown = typeof type === 'string' && (type === 'item_reference' || Object.hasOwn(carriers, type));
  if (isKnown) throw new Denied({ reason: 'stored_state_refused', field, found: describeValue(type) });
  throw new Denied({ reason: 'kind_not_offered', of: 'item', field, kind: describeValue(type) });
}

/** @returns undefined for an item with neither type nor role. Such an item is a reference to a stored item */
function readType({ type, role }: JsonObject): JsonValue | undefined {
  if (type === undefined || type === null) return typeof role === 'string' ? 'message' : undefined;
  return type;
}

/**
 * Whether a member has content. In a reasoning item, an empty member counts as no content, because an item whose
 * content is stored only at the vendor may have empty members.
 */
function carries(type: string, value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return false;
  return type !== 'reasoning' || ((typeof value === 'string' || Array.isArray(value)) && value.length > 0);
}

function listShellCallIds(item: JsonValue): readonly (readonly [JsonValue, JsonValue])[] {
  if (!isJsonObject(item) || item.type !== 'local_shell_call' || typeof item.call_id !== 'string') return [];
  return [item.id, item.call_id].flatMap((id) => (typeof id === 'string' ? [[id, item.call_id ?? null] as const] : []));
}

/** Removes citations that name files at the vendor. Citations of web URLs stay: the vendor does not fetch them. */
function dropCitedFiles(part: JsonValue): JsonValue {
  if (!isJsonObject(part) || !Array.isArray(part.annotations)) return part;
  const isStored = (annotation: JsonValue) =>
    isJsonObject(annotation) && ['file_id', 'container_id'].some((name) => Object.hasOwn(annotation, name));
  return { ...part, annotations: part.annotations.filter((annotation) => !isStored(annotation)) };
}
