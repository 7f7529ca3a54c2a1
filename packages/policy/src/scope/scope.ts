import type { Capability } from '../catalogue/capabilities.js';
import type { ModelCatalogue, ModelName } from '../catalogue/model-catalogue.js';
import { listReferredModels } from '../catalogue/referred-models.js';
import {
  ignoredScopeTokens,
  parseGrantedToken,
  parseScopeToken,
  protocolScopeTokens,
  type ScopeToken,
} from './scope-token.js';

/** A parsed `scope` parameter: our own scope tokens, and the scope tokens of the OAuth protocol. */
export interface Scope {
  /** In the order given, without repetition. */
  readonly tokens: readonly ScopeToken[];
  /** `openid`, `offline_access`. */
  readonly protocolTokens: readonly string[];
}

export type ScopeParse =
  | { readonly ok: true; readonly scope: Scope }
  | { readonly ok: false; readonly unknownToken: string };

/**
 * Splits a space-delimited scope (RFC 6749 section 3.3) and reads every token. Leaves out `ignoredScopeTokens`. If one
 * token is unknown, the whole scope is refused.
 */
export function parseScope(text: string, catalogue: ModelCatalogue): ScopeParse {
  const tokens: ScopeToken[] = [];
  const protocolTokens: string[] = [];
  for (const word of new Set(text.split(' ').filter((part) => part !== ''))) {
    if (protocolScopeTokens.includes(word)) {
      protocolTokens.push(word);
      continue;
    }
    if (ignoredScopeTokens.includes(word)) continue;
    const token = parseScopeToken(word, catalogue);
    if (token === undefined) return { ok: false, unknownToken: word };
    tokens.push(token);
  }
  return { ok: true, scope: { tokens, protocolTokens } };
}

/** Reads a scope that was valid when it was stored or signed. A token that is no longer one of ours grants nothing. */
export function parseGrantedScope(text: string): readonly ScopeToken[] {
  return text.split(' ').flatMap((word) => parseGrantedToken(word) ?? []);
}

export function formatScope(tokens: readonly ScopeToken[]): string {
  return tokens.map(({ text }) => text).join(' ');
}

/**
 * Whether the scope names at least one model and at least one capability. Otherwise it allows no request. A model that
 * is `gone` does not count.
 */
export function isUsable(tokens: readonly ScopeToken[]): boolean {
  const names = (...kinds: readonly ScopeToken['kind'][]) => tokens.some(({ kind }) => kinds.includes(kind));
  return names('capability') && names('model', 'all-models');
}

/** Whether one of the scope tokens names exactly this model, or grants all models of its upstream. */
export function namesModel(tokens: readonly ScopeToken[], { upstream, id }: ModelName): boolean {
  return tokens.some(
    (token) =>
      (token.kind === 'all-models' && token.upstream === upstream) ||
      (token.kind === 'model' && token.upstream === upstream && token.modelId === id),
  );
}

/**
 * Whether a model may be called: its name is granted, or all models that its name may refer to are granted. A granted
 * name also grants the versions that it may refer to. A granted version allows the name only if the name may refer to
 * no other version.
 */
export function allowsModel(tokens: readonly ScopeToken[], model: ModelName): boolean {
  if (namesModel(tokens, model)) return true;
  const { upstream } = model;
  const granted = new Set(
    tokens.flatMap((token) =>
      token.kind === 'model' && token.upstream === upstream
        ? [token.modelId, ...listReferredModels({ upstream, id: token.modelId })]
        : [],
    ),
  );
  return listReferredModels(model).every((id) => granted.has(id));
}

export function allowsCapability(tokens: readonly ScopeToken[], capability: Capability): boolean {
  return tokens.some((token) => token.kind === 'capability' && token.capability === capability);
}

/** Whether a scope allows everything that a scope token allows. */
export function allowsToken(granted: readonly ScopeToken[], token: ScopeToken): boolean {
  switch (token.kind) {
    case 'capability':
      return allowsCapability(granted, token.capability);
    case 'model':
      return allowsModel(granted, { upstream: token.upstream, id: token.modelId });
    case 'all-models':
    case 'gone':
      return granted.some(({ text }) => text === token.text);
  }
}
