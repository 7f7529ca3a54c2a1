import { capabilityDescriptions } from '../catalogue/capabilities.js';
import { findBuiltInModel } from '../catalogue/meanings.js';
import type { UpstreamCatalogue } from '../catalogue/upstream-catalogue.js';
import type { ScopeToken } from './scope-token.js';

export interface ScopeTokenDescription {
  /** What the token permits, in words for owners. */
  readonly title: string;
  /** What an owner should know before agreeing. undefined: nothing besides the title. */
  readonly warning: string | undefined;
}

export function describeScopeToken(
  token: ScopeToken,
  { labelOf }: Pick<UpstreamCatalogue, 'labelOf'>,
): ScopeTokenDescription {
  switch (token.kind) {
    case 'model':
      return { title: `${token.modelId} by ${labelOf(token.upstream)}`, warning: describeAlias(token) };
    case 'all-models':
      return {
        title: `Every model by ${labelOf(token.upstream)}`,
        warning: 'This includes the most expensive models and any that are added later.',
      };
    case 'capability':
      return { title: capabilityDescriptions[token.capability], warning: warnings[token.capability] };
    case 'gone':
      return { title: `${token.modelId} (not offered any more)`, warning: undefined };
  }
}

/** @returns undefined for a name that always means the same model */
function describeAlias({ upstream, modelId }: Extract<ScopeToken, { kind: 'model' }>): string | undefined {
  const [present, ...others] = findBuiltInModel({ upstream, id: modelId })?.aliasOf ?? [];
  if (present === undefined) return undefined;
  const standsFor = `The AI provider decides which model this name stands for. As far as we know it is ${present} now.`;
  if (others.length === 0) return standsFor;
  return `${standsFor} While a request runs, the price of the most expensive of these models is reserved.`;
}

const warnings: Partial<Record<string, string>> = {
  code: 'Running code is billed by the AI provider on top of the model.',
  'tools.web':
    'Searches are billed by the AI provider on top of the model, and the contents of opened pages can influence the answer.',
};
