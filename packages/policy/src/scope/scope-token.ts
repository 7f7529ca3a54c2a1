import { type Capability, parseCapability } from '../catalogue/capabilities.js';
import { findBareModel, type ModelCatalogue } from '../catalogue/model-catalogue.js';
import { isModelId, type Model } from '../catalogue/models.js';
import { isUpstreamName, type Upstream } from '../catalogue/upstreams.js';

/** One permission (RFC 6749 section 3.3), with its text on the wire. */
export type ScopeToken =
  | { readonly kind: 'model'; readonly text: string; readonly upstream: Upstream; readonly modelId: string }
  | { readonly kind: 'all-models'; readonly text: string; readonly upstream: Upstream }
  | { readonly kind: 'capability'; readonly text: string; readonly capability: Capability }
  /**
   * A model that was granted without its upstream and is no longer in the catalogue. It is still shown, but permits
   * nothing.
   */
  | { readonly kind: 'gone'; readonly text: string; readonly modelId: string };

/** Scope tokens of OAuth and OpenID Connect. They give no access to AI. */
export const protocolScopeTokens: readonly string[] = ['openid', 'offline_access'];
/**
 * Scope tokens that no owner can grant: the scope tokens of OpenID Connect about people, and the scope tokens of the
 * grant management API, which clients get without an owner. An authorization request may contain them, but they are
 * ignored.
 */
export const ignoredScopeTokens: readonly string[] = [
  'profile',
  'email',
  'address',
  'phone',
  'grant_management_query',
  'grant_management_revoke',
];

/**
 * Reads one token of a request. It must match byte for byte, without case folding, trimming, percent-decoding or
 * prefixes.
 * @returns undefined unless the text is a model of the catalogue, all models of a known upstream, or a known capability
 */
export function parseScopeToken(text: string, catalogue: ModelCatalogue): ScopeToken | undefined {
  const token = parseGrantedToken(text);
  switch (token?.kind) {
    case 'model':
      return catalogue.find(token.upstream, token.modelId) && token;
    case 'all-models':
      return catalogue.upstreams.find(token.upstream) && token;
    case 'capability':
      return token;
    case 'gone':
    case undefined:
      return undefined;
  }
}

/**
 * Reads one granted token. If the model was removed from the catalogue after the consent, the token still shows what
 * the owner agreed to, but permits no call.
 * @returns undefined if the text is not one of our tokens
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
  const upstream = name.slice(0, slash);
  const modelId = name.slice(slash + 1);
  if (!isUpstreamName(upstream)) return undefined;
  if (modelId === '*') return { kind: 'all-models', text, upstream };
  return isModelId(modelId) ? { kind: 'model', text, upstream, modelId } : undefined;
}

/** The shortest text for a model: its identifier without the upstream if that is unambiguous. */
export function formatModelToken({ upstream, id }: Pick<Model, 'upstream' | 'id'>): string {
  return findBareModel(id)?.upstream === upstream ? `model:${id}` : `model:${upstream}/${id}`;
}
