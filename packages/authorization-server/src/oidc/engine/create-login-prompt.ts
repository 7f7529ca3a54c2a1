import { type InteractionResults, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { toSeconds } from './provider-session.js';

interface LoginPromptOptions {
  /** Added to the details of each interaction that waits for a sign-in. */
  readonly describe: (ctx: KoaContextWithOIDC) => Readonly<Record<string, unknown>>;
  /** Replaces oidc-provider's check of `max_age`. */
  readonly isSignInTooOld: (ctx: KoaContextWithOIDC) => boolean;
}

/**
 * Creates oidc-provider's own prompt for signing in, with the two changes that `LoginPromptOptions` describes.
 *
 * Assumption: the base policy has a prompt login, whose details are a function and which has a check max_age.
 */
export function createLoginPrompt({ describe, isSignInTooOld }: LoginPromptOptions): interactionPolicy.Prompt {
  const login = interactionPolicy.base().get('login');
  if (login?.checks.get('max_age') === undefined) throw new Error('oidc-provider has no check of max_age');
  const { details } = login;
  login.details = async (ctx) => ({ ...(await details(ctx)), ...describe(ctx) });
  login.checks.remove('max_age');
  login.checks.add(new interactionPolicy.Check('max_age', 'the last sign-in is too old', isSignInTooOld));
  return login;
}

const freshReasons: readonly string[] = ['login_prompt', 'select_account_prompt', 'max_age'];

/**
 * Whether a prompt asks an owner who is signed in already to sign in again.
 *
 * Assumption: a request with prompt=login has the reason login_prompt.
 */
export function needsFreshSignIn({ reasons }: { readonly reasons: readonly string[] }): boolean {
  return reasons.some((reason) => freshReasons.includes(reason));
}

interface SignIn {
  readonly accountId: string;
  readonly authenticatedAt: Date;
}

/**
 * The result of an interaction in which the owner signed in. The same result answers `prompt=select_account`.
 *
 * Assumption: a prompt counts as answered if the result has a member of its name.
 */
export function describeLogin({ accountId, authenticatedAt }: SignIn): InteractionResults & { login: object } {
  const ts = toSeconds(authenticatedAt);
  return { login: { accountId, ts, amr: ['pwd'], remember: false }, select_account: {} };
}
