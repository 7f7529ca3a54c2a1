import { type Capability, parseCapability } from '../catalogue/capabilities.js';
import { builtInCatalogue, type ModelCatalogue } from '../catalogue/model-catalogue.js';
import { parseUpstream, type Upstream } from '../catalogue/upstreams.js';

/** One permission asked for (RFC 6749 section 3.3), with the text that stands for it on the wire. */
export type ScopeToken =
  | { readonly kind: 'model'; readonly text: string; readonly upstream: Upstream; readonly modelId: string }
  | { readonly kind: 'all-models'; readonly text: string; readonly upstream: Upstream }
  | { readonly kind: 'capability'; readonly text: string; readonly capability: Capability };

/** Scope tokens of OAuth and OpenID Connect themselves: no permission to use AI follows from them. */
export const protocolScopeTokens: readonly string[] = ['openid', 'profile', 'offline_access'];

/**
 * Reads one token, byte for byte: no case folding, no trimming, no percent-decoding, no prefix matches.
 * @returns undefined for anything else than a known model, all models of a known upstream, or a known capability
 */
export function parseScopeToken(text: string, catalogue: ModelCatalogue = builtInCatalogue): ScopeToken | undefined {
  if (text.startsWith('cap:')) {
    const capability = parseCapability(text.slice('cap:'.length));
    return capability && { kind: 'capability', text, capability };
  }
  if (!text.startsWith('model:')) return undefined;
  const name = text.slice('model:'.length);
  const slash = name.indexOf('/');
  if (slash === -1) {
    const model = catalogue.find(name);
    return model && { kind: 'model', text, upstream: model.upstream, modelId: model.id };
  }
  const upstream = parseUpstream(name.slice(0, slash));
  const rest = name.slice(slash + 1);
  if (upstream === undefined) return undefined;
  if (rest === '*') return { kind: 'all-models', text, upstream };
  const model = catalogue.findOf(upstream, rest);
  return model && { kind: 'model', text, upstream, modelId: model.id };
}
