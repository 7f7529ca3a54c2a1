import type { AccessRequest, Upstream } from '@aipassport/policy';
import { listProviderKeys, type OwnerSession } from '@aipassport/store/authorization';
import { isKeyRefused } from '../account/is-key-refused.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Whose provider key an app's requests to one AI provider use: the owner's own, the operator's, that of the simulated
 * upstream, or none.
 */
export type KeyState = { readonly upstream: Upstream } & (
  | { readonly kind: 'own' | 'own_refused'; readonly lastFour: string }
  | { readonly kind: 'server' | 'simulated' | 'missing' }
);

/**
 * Says, for each AI provider, which provider key an owner's requests use. The resource proxy chooses it in the same
 * order.
 * @param owner undefined: for an owner without provider keys of their own
 */
export async function listKeyStates(
  { db, configuration }: Pick<Dependencies, 'db' | 'configuration'>,
  owner: OwnerSession | undefined,
): Promise<readonly KeyState[]> {
  const { simulatedUpstream, operatorKeysFor, models } = configuration;
  const own = owner === undefined ? [] : await listProviderKeys(db, owner.accountId);
  const keys = new Map(own.map((key) => [key.upstream, key]));
  return models.upstreams.entries.map(({ name: upstream }): KeyState => {
    const own = keys.get(upstream);
    if (own !== undefined) return { upstream, kind: isKeyRefused(own) ? 'own_refused' : 'own', lastFour: own.lastFour };
    if (operatorKeysFor.includes(upstream)) return { upstream, kind: 'server' };
    return { upstream, kind: simulatedUpstream ? 'simulated' : 'missing' };
  });
}

/** The AI providers whose models a request names or lets the owner choose. */
export function listAskedUpstreams({
  tokens,
  choosable,
}: Pick<AccessRequest, 'tokens' | 'choosable'>): readonly Upstream[] {
  const models = [...tokens, ...choosable].flatMap((token) => ('upstream' in token ? [token.upstream] : []));
  return [...new Set(models)];
}

/** The AI providers whose answers to this owner are simulated at present. */
export async function listSimulated(
  deps: Pick<Dependencies, 'db' | 'configuration'>,
  owner: OwnerSession,
): Promise<readonly Upstream[]> {
  if (!deps.configuration.simulatedUpstream) return [];
  const states = await listKeyStates(deps, owner);
  return states.filter(({ kind }) => kind === 'simulated').map(({ upstream }) => upstream);
}
