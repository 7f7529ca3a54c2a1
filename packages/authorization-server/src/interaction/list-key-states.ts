import { type AccessRequest, dayOf, endOfMonth, type Upstream } from '@aipassport/policy';
import { listProviderKeys, type OwnerSession, type ProviderKeySummary } from '@aipassport/store/authorization';
import { isKeyRefused } from '../account/is-key-refused.js';
import type { Dependencies } from '../dependencies.js';
import { judgeOperatorKeys } from '../limits/judge-operator-keys.js';

/**
 * The provider key that an app's requests to one AI provider use: the owner's own, the operator's, that of the
 * simulated upstream, or none. `own_unchecked`: the AI provider has not accepted it yet. `server_used_up`: the
 * operator's, but its caps allow no request before `until`.
 */
export type KeyState = { readonly upstream: Upstream } & (
  | { readonly kind: 'own' | 'own_unchecked' | 'own_refused'; readonly lastFour: string }
  | { readonly kind: 'server_used_up'; readonly until: Date }
  | { readonly kind: 'server' | 'simulated' | 'missing' }
);

type Deps = Pick<Dependencies, 'db' | 'configuration' | 'now'>;

/**
 * Says, for each AI provider, which provider key an owner's requests use. The resource proxy chooses it in the same
 * order.
 * @param owner undefined: for an owner without provider keys of their own
 */
export async function listKeyStates(
  deps: Deps,
  owner: Pick<OwnerSession, 'accountId'> | undefined,
): Promise<readonly KeyState[]> {
  const { simulatedUpstream, operatorKeysFor, models } = deps.configuration;
  const own = owner === undefined ? [] : await listProviderKeys(deps.db, owner.accountId);
  const keys = new Map(own.map((key) => [key.upstream, key]));
  const operatorsState = operatorKeysFor.length === 0 ? undefined : await findOperatorsState(deps, owner?.accountId);
  return models.upstreams.entries.map(({ name: upstream }): KeyState => {
    const own = keys.get(upstream);
    if (own !== undefined) return { upstream, kind: judgeOwnKey(own), lastFour: own.lastFour };
    if (operatorsState !== undefined && operatorKeysFor.includes(upstream)) return { upstream, ...operatorsState };
    return { upstream, kind: simulatedUpstream ? 'simulated' : 'missing' };
  });
}

function judgeOwnKey(key: ProviderKeySummary): 'own' | 'own_unchecked' | 'own_refused' {
  if (isKeyRefused(key)) return 'own_refused';
  return key.lastUsedAt === undefined && key.test?.verdict !== 'accepted' ? 'own_unchecked' : 'own';
}

/** The state of an AI provider for which the operator has a provider key, and the owner has none. */
async function findOperatorsState(deps: Deps, accountId: string | undefined) {
  switch (await judgeOperatorKeys(deps, accountId)) {
    case 'usable':
      return { kind: 'server' } as const;
    case 'used_up':
      // the caps of the operator's provider keys are for months in UTC
      return { kind: 'server_used_up', until: endOfMonth(dayOf(deps.now(), 'UTC'), 'UTC') } as const;
    case 'not_allowed':
      return { kind: 'missing' } as const;
  }
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
export async function listSimulated(deps: Deps, owner: OwnerSession): Promise<readonly Upstream[]> {
  if (!deps.configuration.simulatedUpstream) return [];
  return selectSimulated(await listKeyStates(deps, owner));
}

export function selectSimulated(states: readonly KeyState[]): readonly Upstream[] {
  return states.filter(({ kind }) => kind === 'simulated').map(({ upstream }) => upstream);
}
