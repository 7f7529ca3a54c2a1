import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Configuration } from '../configuration.js';
import type { RequestState } from '../context.js';
import { readAccessRequest, readScope } from './access-request.js';
import { changeParameter } from './engine/change-parameter.js';
import { createLoginPrompt } from './engine/create-login-prompt.js';
import { readChangeRequest } from './grant-management/change-request.js';

/** The member of a prompt's details that contains the `uid` of the owner's session in which the interaction began. */
export const ownerSessionDetail = 'owner_session';

/**
 * Decides when the owner has to sign in and when to consent. The rules for the sign-in are oidc-provider's. The owner
 * is asked for consent whenever no grant was found or made (see `load-existing-grant.ts`). oidc-provider's own consent
 * checks are left out: they compare single scopes with a record that this server does not keep.
 */
export function createInteractionPolicy(
  configuration: Pick<Configuration, 'models' | 'resourceProxyUrl'>,
): interactionPolicy.Prompt[] {
  const login = createLoginPrompt({
    describe: (ctx) => ({ [ownerSessionDetail]: stateOf(ctx).ownerSignIn?.session }),
    isSignInTooOld,
  });
  // A request with `prompt=select_account` asks the owner to sign in. The prompt `select_account` is added below,
  // because oidc-provider accepts only `prompt` values that are names of its prompts.
  const selects = ({ oidc }: KoaContextWithOIDC) => oidc.promptPending('select_account');
  login.checks.add(
    new interactionPolicy.Check('select_account_prompt', 'the owner must choose an account', 'login_required', selects),
  );
  const needsGrant = new interactionPolicy.Check(
    'no_grant',
    'no grant covers the request',
    'consent_required',
    ({ oidc }: KoaContextWithOIDC) => {
      if (oidc.grant?.jti === undefined) return true;
      // This is the last check. After it, oidc-provider answers the request, unless the client asked for the consent
      // page (`prompt=consent`).
      if (!oidc.promptPending('consent')) askForChosen(oidc, configuration);
      return false;
    },
  );
  return [
    login,
    new interactionPolicy.Prompt({ name: 'select_account', requestable: true }),
    new interactionPolicy.Prompt({ name: 'consent', requestable: true }, needsGrant),
  ];
}

/**
 * Whether the sign-in is older than `max_age` (OpenID Connect Core section 3.1.2.1). The age of the sign-in is measured
 * by the database's clock, which also dated the sign-in. `max_age` is checked when the request begins, so time on the
 * consent page does not count.
 */
function isSignInTooOld(ctx: KoaContextWithOIDC): boolean {
  const { params, result, entities } = ctx.oidc;
  const maxAge = params?.['max_age'];
  if (maxAge === undefined || result?.login !== undefined || entities.Interaction?.prompt.name === 'consent')
    return false;
  const { ownerSignIn } = stateOf(ctx);
  return ownerSignIn === undefined || ownerSignIn.secondsAgo > Number(maxAge);
}

function stateOf(ctx: KoaContextWithOIDC): RequestState {
  return ctx.state as RequestState;
}

/**
 * Sets the request's scope to the scope that the owner chose, because oidc-provider grants only the scope of the
 * request. An older grant may allow more than the request asked for, and the surplus is left out. After a change of a
 * grant, the new tokens get everything that the grant allows.
 */
function askForChosen(
  oidc: KoaContextWithOIDC['oidc'],
  { models, resourceProxyUrl }: Pick<Configuration, 'models' | 'resourceProxyUrl'>,
): void {
  const { params, grant } = oidc;
  if (params === undefined) return;
  const { tokens, choosable } = readAccessRequest(params, models);
  const changes = readChangeRequest(params) !== undefined;
  if (choosable.length === 0 && !changes) return;
  const asked = new Set([...tokens, ...choosable].map(({ text }) => text));
  const all = (grant?.getResourceScope(resourceProxyUrl) ?? '').split(' ');
  const granted = changes ? all : all.filter((token) => asked.has(token));
  changeParameter(oidc, 'scope', [...readScope(params, models).protocolTokens, ...granted].join(' '));
}
