import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';

interface LoginPromptOptions {
  /** Added to the details of each interaction that waits for a sign-in. */
  readonly describe: (ctx: KoaContextWithOIDC) => Readonly<Record<string, unknown>>;
  /** Replaces oidc-provider's check of `max_age`. */
  readonly isSignInTooOld: (ctx: KoaContextWithOIDC) => boolean;
}

/**
 * oidc-provider's own prompt for signing in, with two changes.
 *
 * Assumption: the base policy has a prompt login, whose details are a function and which has a check max_age.
 */
export function createLoginPrompt({ describe, isSignInTooOld }: LoginPromptOptions): interactionPolicy.Prompt {
  const login = interactionPolicy.base().get('login');
  if (login?.checks.get('max_age') === undefined) throw new Error('oidc-provider has no check of max_age');
  const { details } = login;
  login.details = async (ctx) => ({ ...(await details(ctx)), ...describe(ctx) });
  login.checks.remove('max_age');
  login.checks.add(new interactionPolicy.Check('max_age', 'the sign-in is too long ago', isSignInTooOld));
  return login;
}
