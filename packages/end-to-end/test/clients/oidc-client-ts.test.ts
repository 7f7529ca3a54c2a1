import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { chromiumPath } from '../harness/browser.js';
import { smallChat } from '../harness/chat.js';
import { signIn } from '../harness/sign-in.js';
import { openStaticOrigin } from '../harness/static-origin.js';
import { useBrowser, withChromium } from '../harness/use-browser.js';
import { type ClientStack, register, startClientStack, usualScope } from './support/stack.js';

const scope = `openid email profile ${usualScope}`;

let stack: ClientStack | undefined;
const browser = useBrowser();
let home: Awaited<ReturnType<typeof openStaticOrigin>> | undefined;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  [stack, home] = await Promise.all([startClientStack(), openStaticOrigin()]);
}, 90_000);
afterAll(() => Promise.all([home?.close(), stack?.stop()]), 60_000);

/**
 * Registers a public client on another site than that of the authorization server, and opens the client's origin in a
 * browser.
 */
async function openClient() {
  if (stack === undefined || home === undefined) throw new Error('the set-up of this file failed');
  const { deployment, owner } = stack;
  const origin = home.origin.replace('127.0.0.1', 'localhost'); // the servers are at 127.0.0.1, which is another site
  const redirectUri = `${origin}/callback`;
  const { client_id: clientId } = await register(stack, {
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'none',
  });
  const page = await browser().newPage();
  await page.goto(origin);
  return { deployment, owner, page, origin, redirectUri, clientId };
}

withChromium(
  'oidc-client-ts: signs in, reads userinfo, renews and revokes from another site in Chromium',
  async () => {
    const { deployment, owner, page, redirectUri, clientId } = await openClient();
    const settings = { authority: deployment.issuer, client_id: clientId, redirect_uri: redirectUri, scope };
    const manager = `new oidc.UserManager(${JSON.stringify({ ...settings, loadUserInfo: true, automaticSilentRenew: false })})`;
    await page.addScriptTag({ content: await readLibrary() });
    await page.evaluate(`void ${manager}.signinRedirect()`);
    await signIn(page, owner.credentials);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(`${redirectUri}?**`);
    await page.addScriptTag({ content: await readLibrary() });
    const story = { url: `${deployment.resourceProxyUrl}/openai/v1/chat/completions`, chat: smallChat };
    expect(await page.evaluate(`(${clientInBrowser})(${manager}, ${JSON.stringify(story)})`)).toEqual({
      subjects: [expect.any(String), true],
      isRenewed: true,
      statuses: [200, 200, 401],
    });
    await page.close();
  },
  60_000,
);

withChromium(
  'the owner is still signed in when another site posts an authorization request, in Chromium',
  async () => {
    const { deployment, owner, page, origin, redirectUri, clientId } = await openClient();
    await page.goto(`${deployment.issuer}/account/sign-in`);
    await signIn(page, owner.credentials);
    await page.goto(origin);
    const fields = {
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: usualScope,
      state: 'a-state',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    };
    const form = { action: `${deployment.issuer}/authorize`, fields };
    await page.evaluate(`(${postForm})(${JSON.stringify(form)})`);
    await page.waitForURL(`${deployment.issuer}/interaction/**`);
    await page.getByText(`Signed in as ${owner.credentials.email}`).waitFor();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(`${redirectUri}?code=**`);
    await page.close();
  },
  60_000,
);

/** The file that the library offers to pages without a bundler. It defines `oidc`. */
function readLibrary(): Promise<string> {
  return readFile(new URL('../browser/oidc-client-ts.min.js', import.meta.resolve('oidc-client-ts')), 'utf8');
}

/** Runs in the page at the callback. */
const clientInBrowser = `async (manager, { url, chat }) => {
  const ask = async ({ access_token }) => (await fetch(url, {
    method: 'POST',
    headers: { authorization: 'Bearer ' + access_token, 'content-type': 'application/json' },
    body: JSON.stringify(chat),
  })).status;
  const user = await manager.signinRedirectCallback();
  const before = await ask(user);
  const renewed = await manager.signinSilent();
  const after = await ask(renewed);
  await manager.revokeTokens(['refresh_token']);
  return {
    subjects: [user.profile.sub, renewed.profile.sub === user.profile.sub],
    isRenewed: renewed.access_token !== user.access_token,
    statuses: [before, after, await ask(renewed)],
  };
}`;

const postForm = `({ action, fields }) => {
  const form = Object.assign(document.createElement('form'), { method: 'POST', action });
  for (const [name, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  document.body.append(form);
  form.submit();
}`;
