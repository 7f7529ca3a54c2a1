import type { Owner } from './owner.js';

/** A prepared press on "Remove access". Measurements begin after the preparation. */
export interface PreparedRevocation {
  /** @returns `performance.now()` when the answer had arrived */
  send(): Promise<number>;
}

/** Opens the page of the only app that has access, or of the app with this name. */
export async function prepareRevocation(owner: Owner, clientName?: string): Promise<PreparedRevocation> {
  const page = await owner.openApp(clientName);
  const { action, body } = page.fillForm('Remove access');
  const cookie = await owner.cookies(action);
  return {
    async send() {
      const answer = await fetch(action, {
        method: 'POST',
        body,
        redirect: 'manual',
        headers: { cookie, origin: action.origin },
      });
      const answeredAtMilliseconds = performance.now();
      if (answer.status !== 303) throw new Error(`the revocation was answered with ${answer.status}`);
      return answeredAtMilliseconds;
    },
  };
}
