import { type Capability, parseCapability } from '../catalogue/capabilities.js';
import { findBareModel, type ModelCatalogue } from '../catalogue/model-catalogue.js';
import { isModelId, type Model } from '../catalogue/models.js';
import { parseUpstream, type Upstream } from '../catalogue/upstreams.js';

/** One permission asked for (RFC 6749 section 3.3), with the text that stands for it on the wire. */
export type ScopeToken =
  | { readonly kind: 'model'; readonly text: string; readonly upstream: Upstream; readonly modelId: string }
  | { readonly kind: 'all-models'; readonly text: string; readonly upstream: Upstream }
  | { readonly kind: 'capability'; readonly text: string; readonly capability: Capability }
  /** A model that was granted by its bare name and is in the catalogue no more: shown, and of no use. */
  | { readonly kind: 'gone'; readonly text: string; readonly modelId: string };

/** Scope tokens of OAuth and OpenID Connect themselves: no permission to use AI follows from them. */
export const protocolScopeTokens: readonly string[] = ['openid', 'offline_access'];
/** Scopes of OpenID Connect about people. They may be asked for, and nothing is granted for them. */
export const ignoredScopeTokens: readonly string[] = ['profile', 'email', 'address', 'phone'];

/**
 * Reads one token that is asked for, byte for byte: no case folding, no trimming, no percent-decoding, no prefix matches.
 * @returns undefined for anything else than a model of the catalogue, all models of a known upstream, or a known capability
 */
export function parseScopeToken(text: string, catalogue: ModelCatalogue): ScopeToken | undefined {
  const token = parseGrantedToken(text);
  if (token?.kind === 'gone') return undefined;
  const isUnknown = token?.kind === 'model' && catalogue.find(token.upstream, token.modelId) === undefined;
  return isUnknown ? undefined : token;
}

/**
 * Reads one token that was granted. Its model may have been taken out of the catalogue since: it still says what the
 * owner agreed to, and calls nothing.
 * @returns undefined for what is no token of ours
 */
export function parseGrantedToken(text: string): ScopeToken | undefined {
  if (text.startsWith('cap:')) {
    const capability = parseCapability(text.slice('cap:'.length));
    return capability && { kind: 'capability', text, capability };
  }
  if (!text.startsWith('model:')) return undefined;
  const name = text.slice('model:'.length);
  const slash = name.indexOf('/');
  if (slash === -1) {
    const model = findBareModel(name);
    if (model !== undefined) return { kind: 'model', text, upstream: model.upstream, modelId: model.id };
    return isModelId(name) ? { kind: 'gone', text, modelId: name } : undefined;
  }
  const upstream = parseUpstream(name.slice(0, slash));
  const modelId = name.slice(slash + 1);
  if (upstream === undefined) return undefined;
  if (modelId === '*') return { kind: 'all-models', text, upstream };
  return isModelId(modelId) ? { kind: 'model', text, upstream, modelId } : undefined;
}

/** The shortest text that stands for a model: its bare identifier where that means it. */
export function formatModelToken({ upstream, id }: Pick<Model, 'upstream' | 'id'>): string {
  return findBareModel(id)?.upstream === upstream ? `model:${id}` : `model:${upstream}/${id}`;
}
