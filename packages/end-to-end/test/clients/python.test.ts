import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { preparePython, runPython } from './support/python.js';
import { type ClientStack, redirectUri, register, startClientStack, usualScope } from './support/stack.js';

const missing = preparePython();
const titleNote = missing === undefined ? '' : ` (skipped: ${missing})`;

let stack: ClientStack;
beforeAll(async () => {
  if (missing === undefined) stack = await startClientStack();
});
afterAll(() => stack?.stop());

(missing === undefined ? it : it.skip).each(['authlib', 'requests-oauthlib'])(
  `Python: %s redeems, calls, refreshes and revokes${titleNote}`,
  async (library) => {
    const { issuer, resourceProxyUrl } = stack.deployment;
    const { client_id: id, client_secret: secret } = await register(stack, {});
    const args = [library, issuer, resourceProxyUrl, id, secret, redirectUri, usualScope];
    expect(await runPython(args, (url) => stack.owner.allow(url))).toEqual([200, 200, 401]);
  },
);
