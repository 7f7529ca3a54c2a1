import { errors, type Provider, type Interaction as StoredInteraction } from 'oidc-provider';
import type { RequestState } from '../../context.js';
import { currentContext } from './current-context.js';

type Find = (id: string, options?: object) => Promise<StoredInteraction | undefined>;

/**
 * Lets oidc-provider continue with a sign-in only in a browser where that account is signed in.
 *
 * By itself, oidc-provider signs in any browser that holds the cookie of an interaction. It compares sessions only if the
 * interaction began in one. Two attacks follow:
 *
 * - A planted interaction. An attacker who is not signed in begins a request and puts the interaction's cookie into an
 *   owner's browser, from a neighbouring host or port. The owner opens the interaction's page. The attacker then resumes
 *   the interaction elsewhere, as that owner.
 * - A person who uses the browser between somebody else's sign-in for an app and the last step of it.
 *
 * The check is made on the same read of the interaction that oidc-provider continues with, so no change can come between.
 *
 * Assumption: the interaction that is resumed is read with Interaction.find.
 */
export function bindLogins({ Interaction }: Provider): void {
  const find = Interaction.find.bind<Find>(Interaction);
  Object.assign(Interaction, {
    find: async (...parameters: Parameters<Find>) => {
      const interaction = await find(...parameters);
      const accountId = interaction?.result?.login?.accountId;
      // Undefined in our own pages: oidc-provider reads an interaction by itself only to resume it.
      const ctx = currentContext();
      if (ctx === undefined || accountId === undefined) return interaction;
      const { ownerAccountId } = ctx.state as RequestState;
      if (accountId !== ownerAccountId)
        throw new errors.SessionNotFound('interaction login and account of the session mismatch');
      return interaction;
    },
  });
}
