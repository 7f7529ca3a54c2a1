import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';

/**
 * When people are asked: to sign in as oidc-provider has it, and for consent whenever no grant was found or made
 * (see `load-existing-grant.ts`). Its own consent checks compare scopes piece by piece, against a record that ours
 * is not.
 */
export function createInteractionPolicy(): interactionPolicy.Prompt[] {
  const login = interactionPolicy.base().get('login');
  if (login === undefined) throw new Error('oidc-provider has no login prompt');
  // Whoever is to choose an account signs in; the prompt of this name is there to be taken as a parameter.
  const selects = ({ oidc }: KoaContextWithOIDC) => oidc.promptPending('select_account');
  login.checks.add(
    new interactionPolicy.Check('select_account_prompt', 'an account is to be chosen', 'login_required', selects),
  );
  const needsGrant = new interactionPolicy.Check(
    'no_grant',
    'no grant covers the request',
    'consent_required',
    ({ oidc }: KoaContextWithOIDC) => oidc.grant?.jti === undefined,
  );
  return [
    login,
    new interactionPolicy.Prompt({ name: 'select_account', requestable: true }),
    new interactionPolicy.Prompt({ name: 'consent', requestable: true }, needsGrant),
  ];
}
