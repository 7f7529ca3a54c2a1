import { errors, type Provider, type Interaction as StoredInteraction } from 'oidc-provider';
import type { RequestState } from '../../context.js';
import { currentContext } from './current-context.js';

type Find = (id: string, options?: object) => Promise<StoredInteraction | undefined>;

/**
 * Lets oidc-provider continue with a sign-in only in a browser where that account is signed in.
 *
 * By itself, oidc-provider signs in any browser that resumes an interaction with its cookie, as the account that signed
 * in during the interaction. It compares sessions only if the interaction began in a session. This allows two attacks:
 *
 * - A planted interaction. An attacker who is not signed in begins a request and plants the interaction's cookie in an
 *   owner's browser, from a neighbouring host or port. The owner, who is signed in, opens the interaction's page, and
 *   this server then stores the owner's account in the interaction (`finishLogin`). The attacker resumes the
 *   interaction in another browser, and oidc-provider signs that browser in as the owner.
 * - A second person at the same browser. This person uses the browser after an owner has signed in for a client, and
 *   before the last step of that sign-in.
 *
 * oidc-provider continues with the interaction that was read and checked here, so the interaction cannot change between
 * the check and its use.
 *
 * Assumption: the interaction that is resumed is read with Interaction.find.
 */
export function bindLogins({ Interaction }: Provider): void {
  const find = Interaction.find.bind<Find>(Interaction);
  Object.assign(Interaction, {
    find: async (...parameters: Parameters<Find>) => {
      const interaction = await find(...parameters);
      const accountId = interaction?.result?.login?.accountId;
      // When our own pages read an interaction, there is no context, and no check is needed here. oidc-provider itself
      // reads an interaction only to resume it.
      const ctx = currentContext();
      if (ctx === undefined || accountId === undefined) return interaction;
      const { ownerAccountId } = ctx.state as RequestState;
      if (accountId !== ownerAccountId)
        throw new errors.SessionNotFound('interaction login and account of the session mismatch');
      return interaction;
    },
  });
}
