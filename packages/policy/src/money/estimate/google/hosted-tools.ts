import { canonicalFieldName } from '../../../fields/canonical-name.js';
import type { JsonObject } from '../../json.js';
import type { Price } from '../../price.js';
import { refuseCost } from '../cost-refusal.js';
import { type HostedTools, noHostedTools, readsAll } from '../hosted-tools.js';

/** https://ai.google.dev/gemini-api/docs/code-execution: the model rewrites failing code up to five times. */
const maxRounds = 6;

export function readGoogleTools(tools: readonly JsonObject[], price: Price): HostedTools {
  const kinds = new Set(tools.flatMap(readHostedToolKinds));
  const search = kinds.has('googleSearch') || kinds.has('googleSearchRetrieval');
  const known = [
    'functionDeclarations',
    'computerUse',
    'googleSearch',
    'googleSearchRetrieval',
    'urlContext',
    'codeExecution',
  ];
  if (![...kinds].every((kind) => known.includes(kind))) return refuseCost('tools', 'not_priced');
  if (search && !price.named.has('webSearches')) return refuseCost('googleSearch', 'not_bounded');
  if (!search && !kinds.has('urlContext') && !kinds.has('codeExecution')) return noHostedTools;
  return { rounds: maxRounds, readsPerRound: readsAll, fees: { webSearches: search ? 1 : 0 }, members: {} };
}

/**
 * A tool is an object whose members are its kinds. Members that are null or an empty list do not count, so an empty
 * object has no kind.
 */
export function readHostedToolKinds(tool: JsonObject): readonly string[] {
  return Object.keys(tool)
    .filter((name) => !isEmpty(tool[name]))
    .map(canonicalFieldName);
}

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}
