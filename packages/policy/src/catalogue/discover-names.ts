import { listGenaiNames } from '../money/genai-prices.js';
import { listRates } from '../money/listed-rates.js';
import { findModelLimits } from '../money/model-limits.js';
import { findBuiltInModel } from './meanings.js';
import type { Group } from './names.js';
import { builtInUpstreams, type Upstream, type UpstreamEntry } from './upstreams.js';

/** A name that is in the price list and not in the catalogue. */
export interface DiscoveredName {
  readonly upstream: Upstream;
  readonly group: Group;
  readonly id: string;
  /** The name that this name is a version of: the same text before a date, and the same price. */
  readonly versionOf?: string;
}

export interface Discovery {
  readonly served: readonly DiscoveredName[];
  /** Names that cannot be added before their limits are in `model-limits.ts`. */
  readonly withoutLimits: readonly DiscoveredName[];
}

type Rule = readonly [names: RegExp, group: Group | undefined];

/** The groups of the names in the price list. The first match counts. Names without a group cannot be served. */
const rules: Readonly<Record<Upstream, readonly Rule[]>> = {
  openai: [
    // Models for other operations, models whose tools run at every call, and models that other companies host.
    [/realtime|-search-api|deep-research|computer-use|-instruct|gpt-oss|moderation/, undefined],
    // Spellings of fine-tuned models and of other services.
    [/[:]|\.ft-|^gpt-35-|^gpt-\d-\d(-|$)|-high$|-chat$|^gpt-5.*-image|-v2$|^gpt-3\.5-0301$|^codex-mini$/, undefined],
    [
      /^(ada|babbage|curie|davinci|text-davinci.*|text-embedding-ada|gpt-5\.1-mini|gpt-4-turbo-0125-preview)$/,
      undefined,
    ],
    [/^gpt-image-/, 'images'],
    [/transcribe|tts|whisper/, 'audio'],
    [/^text-embedding-/, 'embeddings'],
    [/^(gpt-|chatgpt-|codex-|o\d)/, 'chat'],
  ],
  anthropic: [
    [/\.|^claude-(\d|v\d|opus-4$|sonnet-4$)/, undefined],
    [/^claude-/, 'chat'],
  ],
  google: [
    // Models for speech, video, or a live connection.
    [/tts|live|native-audio|omni|vision|[:]/, undefined],
    [/^gemini-(pro|flash)(-1\.5.*)?$|^gemini-1\.|^gemini-2\.0-.*(exp|thinking)/, undefined],
    [/^gemini-embedding-/, 'embeddings'],
    [/^gemini-.*-image/, 'pictures'],
    [/^gemini-/, 'chat'],
  ],
};

/** Finds the names that the installed price list has and the catalogue lacks. */
export function discoverNames(): Discovery {
  const found = builtInUpstreams.flatMap((upstream) =>
    listGenaiNames(upstream.priceList).flatMap((names) =>
      names.flatMap((id) => describeName(upstream, id, names) ?? []),
    ),
  );
  const isBounded = ({ upstream, id }: DiscoveredName): boolean => findModelLimits(upstream, id) !== undefined;
  return { served: found.filter(isBounded), withoutLimits: found.filter((name) => !isBounded(name)) };
}

/** @returns undefined if the name is in the catalogue, cannot be served, or has a price that we cannot interpret */
function describeName(entry: UpstreamEntry, id: string, names: readonly string[]): DiscoveredName | undefined {
  const upstream = entry.name;
  const group = rules[upstream]?.find(([pattern]) => pattern.test(id))?.[1];
  if (group === undefined || findBuiltInModel({ upstream, id }) !== undefined) return undefined;
  if (listRates(entry, id).length === 0) return undefined;
  const undated = id.replace(/-(\d{4}-\d{2}-\d{2}|\d{8})$/, '');
  const isVersion = undated !== id && names.includes(undated);
  return { upstream, group, id, ...(isVersion && { versionOf: undated }) };
}
