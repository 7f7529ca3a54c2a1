import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';

/**
 * Describes the code that a code interpreter ran in an earlier answer, as text for the model. The item itself cannot be
 * sent: it must name a container, and the vendor would continue in that container, which may contain another client's
 * files.
 *
 * @throws Denied `stored_state_refused` when the item has neither code nor output
 */
export function describeCodeRun({ code, outputs }: JsonObject, field: string): JsonObject {
  const logs = Array.isArray(outputs) ? outputs.flatMap(readLogs) : [];
  const hasCode = typeof code === 'string' && code !== '';
  if (!hasCode && logs.length === 0) throw new Denied({ reason: 'stored_state_refused', field });
  const parts = [hasCode ? `Code that was run:\n${code}` : '', logs.length > 0 ? `Output:\n${logs.join('\n')}` : ''];
  return { role: 'assistant', content: parts.filter((part) => part !== '').join('\n\n') };
}

function readLogs(output: JsonValue): readonly string[] {
  return isJsonObject(output) && typeof output.logs === 'string' ? [output.logs] : [];
}
