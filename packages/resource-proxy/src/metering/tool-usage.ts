import type { Usage } from '@aipassport/policy';
import { refuseUsage } from './usage-reading.js';

/** Runs of tools are reported in the usage, in the answer, or in both. The larger number counts. */
export function withTools(usage: Usage, seen: Usage): Usage {
  const webSearches = Math.max(usage.webSearches ?? 0, seen.webSearches ?? 0);
  const codeSessions = Math.max(usage.codeSessions ?? 0, seen.codeSessions ?? 0);
  return { ...usage, ...(webSearches > 0 && { webSearches }), ...(codeSessions > 0 && { codeSessions }) };
}

/** Lists the parts of an answer. An absent value counts as an empty list. @throws UsageRefused */
export function listParts(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : refuseUsage('usage_malformed');
}
