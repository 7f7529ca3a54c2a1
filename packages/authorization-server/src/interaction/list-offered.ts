import type { AccessRequest, ScopeToken, Upstream, UpstreamCatalogue } from '@aipassport/policy';
import type { KeyState } from './list-key-states.js';

interface Offer {
  readonly keyStates: readonly KeyState[];
  readonly upstreams: Pick<UpstreamCatalogue, 'find'>;
  readonly tickedTokens: readonly string[];
}

/**
 * The scope tokens among which the page lets the owner choose. AI providers whose models come from a price list may
 * have hundreds of models. Without a provider key, the models of such an AI provider are left out unless they are
 * ticked, so that the page stays small. The owner cannot use them before adding a provider key.
 */
export function listOffered(
  { choosable }: Pick<AccessRequest, 'choosable'>,
  { keyStates, upstreams, tickedTokens }: Offer,
): readonly ScopeToken[] {
  const missing = new Set<Upstream>(keyStates.filter(({ kind }) => kind === 'missing').map(({ upstream }) => upstream));
  return choosable.filter(
    (token) =>
      !('upstream' in token) ||
      !missing.has(token.upstream) ||
      upstreams.find(token.upstream)?.listedModels === undefined ||
      tickedTokens.includes(token.text),
  );
}

/** The request as the page shows it: with the scope tokens that `listOffered` leaves. */
export function offer<Consent extends { readonly request: AccessRequest }>(consent: Consent, offered: Offer): Consent {
  return { ...consent, request: { ...consent.request, choosable: listOffered(consent.request, offered) } };
}
