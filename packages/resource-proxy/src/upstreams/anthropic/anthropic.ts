import type { IncomingHttpHeaders } from 'node:http';
import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { refuseStored, requireAllowedUrl } from '../remote-input.js';
import type { UpstreamApi, Wishes } from '../upstream-api.js';
import { formatAnthropicErrorEvent, readAnthropicError } from './errors.js';
import { describeAnthropicModel, listAnthropicModels } from './models.js';
import { anthropicRules } from './rules.js';
import { requireOfferedTools } from './tools.js';

/** Anthropic's API: https://docs.anthropic.com/en/api */
export const anthropic: UpstreamApi = {
  buildCredential: (key) => ({ 'x-api-key': key }),
  pickClientHeaders,
  rules: anthropicRules,
  opaque: new Set(['input_schema', 'input', 'input_examples', 'schema', 'metadata', 'citations']),
  canonicalName: (name) => name,
  visit,
  listModels: listAnthropicModels,
  describeModel: describeAnthropicModel,
  readError: readAnthropicError,
  formatErrorEvent: formatAnthropicErrorEvent,
};

const defaultVersion = '2023-06-01';

/**
 * Betas that change how an answer is shaped. All others are left out silently: they reach stored state, move the
 * bill or raise the price, and what they need in the body is refused anyway.
 */
const harmlessBetas = new Set([
  'extended-cache-ttl-2025-04-11',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'model-context-window-exceeded-2025-08-26',
  'output-128k-2025-02-19',
  'output-300k-2026-03-24',
  'pdfs-2024-09-25',
  'prompt-caching-2024-07-31',
  'structured-outputs-2025-11-13',
  'token-counting-2024-11-01',
  'token-efficient-tools-2025-02-19',
]);

function pickClientHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const version = headers['anthropic-version'];
  const picked = {
    'anthropic-version': typeof version === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(version) ? version : defaultVersion,
  };
  const asked = headers['anthropic-beta'];
  if (typeof asked !== 'string') return picked;
  const betas = asked.split(',').flatMap((beta) => (harmlessBetas.has(beta.trim()) ? [beta.trim()] : []));
  return betas.length === 0 ? picked : { ...picked, 'anthropic-beta': betas.join(',') };
}

function visit(name: string, value: JsonValue, holder: JsonObject, wishes: Wishes): void {
  switch (name) {
    case 'source':
      return visitSource(value, wishes);
    case 'file_id':
      // Earlier answers name files that code wrote; the rules leave them out.
      return typeof holder.type === 'string' && holder.type.endsWith('_output') ? undefined : refuseStored(name, value);
    case 'container':
    case 'mcp_servers':
      return refuseStored(name, value);
    case 'tools':
      return requireOfferedTools(value, wishes);
  }
}

/** Sources that contain their data. A `file` source refers to data that the vendor stores. */
const inlineSources: ReadonlySet<JsonValue> = new Set(['base64', 'text', 'content']);

function visitSource(source: JsonValue, wishes: Wishes): void {
  if (!isJsonObject(source)) return;
  const { type = null } = source;
  if (type !== null && !inlineSources.has(type) && type !== 'url')
    throw new Denied({ reason: 'stored_state_refused', field: 'source' });
  if (source.type === 'url' || source.url !== undefined) requireAllowedUrl('source', source.url ?? null, wishes);
}
