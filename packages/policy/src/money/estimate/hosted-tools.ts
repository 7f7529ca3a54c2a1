import { isJsonObject, type JsonObject } from '../json.js';
import type { Price } from '../price.js';
import type { Usage } from '../usage.js';
import { refuseCost } from './cost-refusal.js';

/** The cost that tools add to a request if the vendor runs them. */
export interface HostedTools {
  /** How often the model reads its input: once, and again for each call whose result it reads. */
  readonly rounds: number;
  /** The most text tokens that one round reads. The model's own maximum applies too. */
  readonly readsPerRound: (requestTokens: number, outputTokens: number) => number;
  /** The usage that is billed for all calls together. */
  readonly fees: Usage;
  /** Members to write into the body. They limit the vendor to this number of calls. */
  readonly members: JsonObject;
  /** The cost with fewer calls. undefined: the number of calls has no effect on the cost, or cannot be set. */
  readonly calls?: ToolCalls | undefined;
}

export interface ToolCalls {
  /** The maximum number of calls. */
  readonly most: number;
  /** The minimum number of calls. With fewer calls, the tool would be useless. */
  readonly least: number;
  readonly limitedTo: (calls: number) => HostedTools;
}

export const readsAll = (): number => Number.POSITIVE_INFINITY;
export const noHostedTools: HostedTools = { rounds: 1, readsPerRound: readsAll, fees: {}, members: {} };

/** The limit of tool calls for a request that sets no limit. */
export const defaultToolCalls = 5;
/** The proxy ends an exchange after this time, so a container is not billed for longer. */
const maxExchangeSeconds = 3_600;

/** Describes tools whose number of calls the request can limit. */
export function withCalls(most: number, limitedTo: ToolCalls['limitedTo']): HostedTools {
  return { ...limitedTo(most), calls: { most, least: Math.min(most, 1), limitedTo } };
}

/** The number of container sessions that are billed for the longest exchange. */
export function countContainerSessions({ billing }: Price): number {
  return Math.ceil(maxExchangeSeconds / (billing.codeSession?.seconds ?? maxExchangeSeconds));
}

export function listTools({ tools }: { readonly tools?: unknown }): readonly JsonObject[] {
  if (tools === undefined || tools === null) return [];
  return Array.isArray(tools) && tools.every(isJsonObject) ? tools : refuseCost('tools', 'malformed');
}
