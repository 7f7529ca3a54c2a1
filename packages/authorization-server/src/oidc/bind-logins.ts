import Provider, { errors, type Interaction as StoredInteraction } from 'oidc-provider';
import type { RequestState } from '../context.js';

type Find = (id: string, options?: object) => Promise<StoredInteraction | undefined>;

/**
 * Lets oidc-provider go on with a sign-in only where that account is signed in.
 *
 * By itself it signs in whoever holds the cookie of an interaction, and its own comparison of sessions needs one that the
 * interaction was begun in. Against planted interactions: somebody begins as nobody, puts the interaction's cookie into
 * an owner's browser, from a neighbouring host or port, and when the owner opens the page of it resumes it elsewhere, as
 * that owner. And against whoever comes to a browser between a sign-in for an app and its last step.
 *
 * What is compared is what was read to go on with: nothing can come between.
 */
export function bindLogins({ Interaction }: Provider): void {
  const find = Interaction.find.bind<Find>(Interaction);
  Object.assign(Interaction, {
    find: async (...parameters: Parameters<Find>) => {
      const interaction = await find(...parameters);
      const accountId = interaction?.result?.login?.accountId;
      // Only while oidc-provider answers by itself, which is when it resumes: our own pages are outside of it.
      const { ctx } = Provider;
      if (ctx === undefined || accountId === undefined) return interaction;
      const { ownerAccountId } = ctx.state as RequestState;
      if (accountId !== ownerAccountId)
        throw new errors.SessionNotFound('interaction login and account of the session mismatch');
      return interaction;
    },
  });
}
