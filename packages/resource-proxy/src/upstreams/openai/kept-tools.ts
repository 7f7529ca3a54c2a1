import { Denied } from '../../denials/denial.js';
import { describeValue } from '../../denials/describe-value.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { withoutDate } from '../require-known-tools.js';
import { openaiTools } from './tools.js';

/**
 * Refuses items that contain tools that run at the vendor. The vendor would store these tools, so a later request would
 * have them too, and neither its estimate nor its limits would include them.
 *
 * @throws Denied `kind_not_offered`
 */
export function refuseKeptTools(items: JsonValue | undefined, name: 'input' | 'items'): void {
  if (!Array.isArray(items)) return;
  items.forEach((item, index) => {
    // `mcp_list_tools` is the list of a server's tools in an earlier answer. The vendor reads it as text and runs none
    // of them.
    if (!isJsonObject(item) || item.type === 'mcp_list_tools') return;
    const tool = listTools(item).find(runsAtVendor);
    if (tool === undefined) return;
    throw new Denied({
      reason: 'kind_not_offered',
      of: 'tool',
      field: `${name}[${index}].tools`,
      kind: describeValue(tool.type),
    });
  });
}

function runsAtVendor({ type }: JsonObject): boolean {
  return typeof type === 'string' && Object.hasOwn(openaiTools.granted, withoutDate(type));
}

function listTools({ tools }: JsonObject): readonly JsonObject[] {
  const list = Array.isArray(tools) ? tools : [tools];
  return list.filter(isJsonObject).flatMap((tool) => [tool, ...listTools(tool)]);
}
