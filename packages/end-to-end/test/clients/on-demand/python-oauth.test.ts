import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findInstalled } from '../support/installed.js';
import { onDemandTestMilliseconds } from '../support/on-demand-tool.js';
import { runPython } from '../support/python.js';
import { type ClientStack, redirectUri, register, startClientStack, usualScope } from '../support/stack.js';

const installed = findInstalled('python/oauth');
const isThere = 'directory' in installed;
const titleNote = isThere ? '' : ` (skipped: ${installed.missing})`;

let stack: ClientStack;
beforeAll(async () => {
  if (isThere) stack = await startClientStack();
});
afterAll(() => stack?.stop());

(isThere ? it : it.skip).each(['authlib', 'requests-oauthlib'])(
  `Python: %s redeems a code, calls the proxy, refreshes the token and revokes it${titleNote}`,
  async (library) => {
    const { issuer, resourceProxyUrl } = stack.deployment;
    const { client_id: id, client_secret: secret } = await register(stack, {});
    const directory = isThere ? installed.directory : '';
    const args = [library, issuer, resourceProxyUrl, id, secret, redirectUri, usualScope];
    expect(await runPython(directory, args, (url) => stack.owner.allow(url))).toEqual([200, 200, 401]);
  },
  onDemandTestMilliseconds,
);
