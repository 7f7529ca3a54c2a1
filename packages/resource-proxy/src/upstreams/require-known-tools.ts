import type { Capability } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import { describeValue } from '../denials/describe-value.js';
import type { Member } from '../json/inspect-body.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/read-strict-json.js';
import type { BodyFacts } from './upstream-api.js';

/**
 * The known tools of an upstream. Tools of other kinds are refused unless the operator has added them, because the
 * vendor may run and bill them.
 */
export interface ToolTable {
  /** Tools that run at the client or inside the model. They cost only tokens. */
  readonly client: ReadonlySet<string>;
  /** Tools that the vendor runs, if the owner granted the capability. */
  readonly granted: Readonly<Record<string, Capability>>;
  /** Conditions for the tools of both groups that are accepted only in some forms. */
  readonly conditions?: Readonly<Record<string, (tool: JsonObject) => boolean>>;
}

/**
 * Requires that all tools of one member are known. A tool is known if its kind, with or without the date of a release,
 * is in the table or among the operator's additions. Adds the capabilities that the tools need to `bodyFacts`.
 *
 * @throws Denied `field_invalid` or `kind_not_offered`
 */
export function requireKnownTools(
  { value, place }: Member,
  bodyFacts: BodyFacts,
  { table, readKinds }: { readonly table: ToolTable; readonly readKinds: (tool: JsonObject) => readonly JsonValue[] },
): void {
  if (value === null) return;
  // Some JSON readers accept a single value as a list with one element.
  const tools = Array.isArray(value) ? value : [value];
  tools.forEach((tool, index) => {
    const field = `${place()}[${index}]`;
    if (!isJsonObject(tool))
      throw new Denied({ reason: 'field_invalid', field, found: describeValue(tool), expected: 'an object' });
    const refused = readKinds(tool).find((kind) => !isOffered(kind, tool, bodyFacts, table));
    if (refused !== undefined)
      throw new Denied({ reason: 'kind_not_offered', of: 'tool', field, kind: describeValue(refused) });
  });
}

function isOffered(
  kind: JsonValue,
  tool: JsonObject,
  { capabilities, additions }: BodyFacts,
  table: ToolTable,
): boolean {
  if (typeof kind !== 'string') return false;
  const name = withoutDate(kind);
  const { conditions = {}, client, granted } = table;
  if (Object.hasOwn(conditions, name) && conditions[name]?.(tool) === false) return false;
  if (client.has(name) || additions.tools.has(name)) return true;
  const capability = Object.hasOwn(granted, name) ? granted[name] : undefined;
  if (capability === undefined) return false;
  capabilities.add(capability);
  return true;
}

/** Removes the date of a release: `bash_20250124` becomes `bash`, and `web_search_2025_08_26` becomes `web_search`. */
export function withoutDate(kind: string): string {
  return kind.replace(/[_-](\d{8}|\d{4}[_-]\d{2}[_-]\d{2})$/, '');
}
