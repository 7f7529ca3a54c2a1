import type { Owner } from './owner.js';

/** A prepared press on "Remove access". Measurements begin after the preparation. */
export interface PreparedRevocation {
  /** @returns `performance.now()` when the answer had arrived */
  send(): Promise<number>;
}

/** Opens the page of grants, on which there must be one live grant, or one `near` those words. */
export async function prepareRevocation(owner: Owner, near?: string): Promise<PreparedRevocation> {
  const { page } = await owner.open('/account/grants');
  const { action, body } = page.fillForm('Remove access', near === undefined ? {} : { near });
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
