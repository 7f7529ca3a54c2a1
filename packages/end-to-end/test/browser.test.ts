import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { collectComplaints } from './harness/browser.js';
import { changeConsent } from './harness/change-consent.js';
import { smallChat } from './harness/chat.js';
import { ClientApp } from './harness/client-app.js';
import { createAccount } from './harness/create-account.js';
import { expectSound } from './harness/expect-sound.js';
import { listHiddenChoices } from './harness/hidden-choices.js';
import { openStaticOrigin } from './harness/static-origin.js';
import { useBrowserStart, withChromium } from './harness/use-browser.js';

const screens = [
  { name: 'phone', viewport: { width: 390, height: 844 } },
  { name: 'desktop', viewport: { width: 1280, height: 800 } },
];

const running = useBrowserStart();

for (const { name, viewport } of screens)
  withChromium(
    `an owner connects, creates an account, narrows the request, chats and revokes, and the app says that its access ended, on a ${name}`,
    async () => {
      const { start, browser } = running();
      const context = await browser.newContext({ viewport });
      const complaints = await collectComplaints(context);
      const page = await context.newPage();
      await page.goto(start.demoAppUrl);
      await expectSound(page);
      await page.getByRole('button', { name: 'Connect your AI' }).click();
      await page.waitForURL(`${start.issuer}/account/sign-in**`);
      await expectSound(page);
      await createAccount(page, `${name}@example.org`);

      await page.waitForURL(`${start.issuer}/interaction/**`);
      await expectSound(page);
      const consent = await page.locator('main').innerText();
      expect(consent).toContain('Answers are simulated here. They count toward the limits, but cost no real money.');
      expect(consent).toContain('All your apps together: $20 a month, $20 left.');
      await page.getByText('Change', { exact: true }).click();
      const boxes = page.getByRole('checkbox');
      const total = await boxes.count();
      expect(total).toBeGreaterThan(2);
      await page.getByLabel('GPT-4o mini (OpenAI)').setChecked(true);
      const unticked = page.locator('#models').getByRole('checkbox').last();
      const removed = await unticked.inputValue();
      await unticked.setChecked(false);
      await page.getByText('More limits').click();
      await changeConsent(page, () => page.getByLabel('Total request limit').fill('5'));
      await expectSound(page);
      await page.getByRole('button', { name: 'Allow' }).click();

      await page.waitForURL(`${start.demoAppUrl}/chat`);
      await expectSound(page);
      const policy = (await page.reload())?.headers()['content-security-policy'];
      expect(policy).toMatch(/script-src 'nonce-[\w-]{22}'; connect-src 'self'$/);
      const models = await page.getByLabel('Model').locator('option').allTextContents();
      expect(models).toContain('gpt-4o-mini');
      expect(models).not.toContain(removed.replace('model:', ''));
      await page.getByLabel('Model').selectOption('gpt-4o-mini');
      await page.getByLabel('Your question').fill('What is the capital of France?');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByText('no AI provider was asked').waitFor();
      await page.getByText('4 of 5').waitFor();

      await page.getByLabel('Your question').fill('Now a slow answer, please: slow');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByText('takes about a minute').waitFor({ timeout: 30_000 });
      const grants = await context.newPage();
      await grants.goto(`${start.issuer}/account/apps`);
      await expectSound(grants);
      await grants.getByRole('link', { name: 'Demo Chat' }).click();
      await expectSound(grants);
      await grants.getByText('1 of 5 used').waitFor();
      await grants.getByRole('button', { name: 'Remove access' }).click();
      await grants.getByText('This app has no access now.').waitFor();
      await page.getByText('This app no longer has access to your AI.').waitFor();
      await expectSound(page);

      await grants.getByRole('link', { name: 'API keys' }).click();
      await grants.waitForURL(`${start.issuer}/account/keys`);
      await expectSound(grants);
      expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
      await context.close();
    },
    120_000,
  );

withChromium(
  'an owner whose browser runs no scripts can create an account, allow, revoke and store a key',
  async () => {
    const { start, browser } = running();
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(start.demoAppUrl);
    await page.getByRole('button', { name: 'Connect your AI' }).click();
    await createAccount(page, 'without-scripts@example.org');
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(`${start.demoAppUrl}/chat`);
    await page.goto(`${start.issuer}/account/apps`);
    await page.getByRole('link', { name: 'Demo Chat' }).click();
    await page.getByRole('button', { name: 'Remove access' }).click();
    await page.getByText('This app has no access now.').waitFor();
    await page.getByRole('link', { name: 'API keys' }).click();
    await page.getByLabel('AI provider').selectOption('openai');
    await page.getByLabel('API key').fill('sk-proj-0123456789abcdef0123456789');
    await page.getByRole('button', { name: 'Add key' }).click();
    await page.getByText('Key saved.').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete key' }).click();
    await page.getByText('Key deleted here.').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(`${start.issuer}/account/apps`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await context.close();
  },
  60_000,
);

withChromium(
  'after a denial the owner is sent back to the app, which shows a message',
  async () => {
    const { start, browser } = running();
    const context = await browser.newContext();
    const complaints = await collectComplaints(context);
    const page = await context.newPage();
    await page.goto(start.demoAppUrl);
    await page.getByRole('button', { name: 'Connect your AI' }).click();
    await createAccount(page, 'denying@example.org');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.waitForURL(`${start.demoAppUrl}/`);
    await page.getByRole('status').waitFor();
    await expectSound(page);
    expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
    await context.close();
  },
  60_000,
);

// The ids at the beginning of titles are rows of docs/security.md.
withChromium(
  'C5: the sentence and the button show each choice, Enter does not decide, and a phone shows the choices and the Allow button without scrolling',
  async () => {
    const { start, browser } = running();
    const home = await openStaticOrigin();
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const complaints = await collectComplaints(context);
    try {
      const client = await ClientApp.register(start, { redirectUri: `${home.origin}/callback` });
      const page = await context.newPage();
      await page.goto((await client.beginAuthorization('model:gpt-4o-mini cap:chat')).url.href);
      await createAccount(page, 'by-sentence@example.org');
      await page.getByText('and spend at most $5.00 until').waitFor();
      expect(await listHiddenChoices(page)).toEqual([]);
      await page.getByText('$1', { exact: true }).click();
      await page.getByText('and spend at most $1.00 until').waitFor();
      await page.getByText('Other', { exact: true }).click();
      await page.getByLabel('Amount in US dollars').fill('0,20');
      await page.getByRole('button', { name: 'Allow up to $0.20' }).waitFor();
      await page.getByText('7 days').click();
      await page.getByLabel('Amount in US dollars').press('Enter');
      await page.waitForURL('**/consent');
      await page.getByText('and spend at most $0.20 until').waitFor();
      await expectSound(page);
      await page.getByRole('button', { name: 'Allow up to $0.20' }).click();
      await page.waitForURL(`${home.origin}/callback?code=**`);
      expect(complaints).toEqual({ policyViolations: [], scriptErrors: [] });
    } finally {
      await context.close();
      await home.close();
    }
  },
  60_000,
);

withChromium(
  'an owner can choose a model and allow the request with the keyboard alone',
  async () => {
    const { start, browser } = running();
    const home = await openStaticOrigin();
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    try {
      const client = await ClientApp.register(start, { redirectUri: `${home.origin}/callback` });
      const page = await context.newPage();
      await page.goto((await client.beginAuthorization('cap:chat')).url.href);
      await createAccount(page, 'by-keyboard@example.org');
      await page.waitForURL(`${start.issuer}/interaction/**`);
      await tabTo(page, 'Anthropic');
      await page.keyboard.press('Enter');
      await expectSound(page);
      await tabTo(page, 'Claude Haiku 4.5');
      await page.keyboard.press('Space');
      // Only choices that the page's sentence has described can be allowed.
      await page.getByText('This app can chat with Claude Haiku 4.5').waitFor();
      await tabTo(page, 'Allow');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${home.origin}/callback?code=**`);
    } finally {
      await context.close();
      await home.close();
    }
  },
  60_000,
);

/** Presses Tab until the name of the focused element begins with this text. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>(
      `(({ labels, textContent }) => labels?.[0]?.textContent ?? textContent)(document.activeElement)`,
    );
    if (focused.trim().startsWith(name)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

withChromium(
  'S13: a client in the browser redeems its code, calls a model and revokes; a page of another origin can read only public keys',
  async () => {
    const { start, browser } = running();
    const [home, elsewhere] = await Promise.all([openStaticOrigin(), openStaticOrigin()]);
    const context = await browser.newContext();
    try {
      const client = await ClientApp.register(start, { redirectUri: `${home.origin}/callback` });
      const { url, codeVerifier } = await client.beginAuthorization('model:gpt-4o-mini cap:chat');
      const page = await context.newPage();
      await page.goto(url.href);
      await createAccount(page, 'in-the-browser@example.org');
      await page.getByRole('button', { name: 'Allow' }).click();
      await page.waitForURL(`${home.origin}/callback?**`);

      const story = {
        issuer: start.issuer,
        proxy: start.resourceProxyUrl,
        chat: smallChat,
        form: {
          grant_type: 'authorization_code',
          client_id: client.clientId,
          code: new URL(page.url()).searchParams.get('code') ?? '',
          redirect_uri: client.redirectUri,
          code_verifier: codeVerifier,
        },
      };
      expect(await page.evaluate(`(${clientInBrowser})(${JSON.stringify(story)})`)).toEqual({
        tokenType: 'Bearer',
        answer: expect.stringContaining('[DONE]'),
        revoked: 200,
        afterwards: 401,
      });
      const stranger = await context.newPage();
      await stranger.goto(elsewhere.origin);
      const attempts = {
        [`${start.issuer}/jwks`]: 'read', // public keys, which any origin may read
        [`${start.issuer}/token`]: 'blocked',
        [`${start.issuer}/account/apps`]: 'blocked',
        [`${start.resourceProxyUrl}/v1/grant`]: 'blocked',
      };
      for (const [target, outcome] of Object.entries(attempts)) {
        const attempt = `fetch(${JSON.stringify(target)}).then(() => 'read', () => 'blocked')`;
        expect([target, await stranger.evaluate(attempt)]).toEqual([target, outcome]);
      }
    } finally {
      await context.close();
      await Promise.all([home.close(), elsewhere.close()]);
    }
  },
  60_000,
);

/** Runs in the page, so that the browser applies its same-origin policy and CORS. */
const clientInBrowser = `async ({ issuer, proxy, chat, form }) => {
  const metadata = await (await fetch(issuer + '/.well-known/oauth-authorization-server')).json();
  const post = (url, body) => fetch(url, { method: 'POST', body: new URLSearchParams(body) });
  const tokens = await (await post(metadata.token_endpoint, form)).json();
  const ask = () => fetch(proxy + '/openai/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + tokens.access_token, 'content-type': 'application/json' },
    body: JSON.stringify({ ...chat, stream: true }),
  });
  const answer = await (await ask()).text();
  const revocation = await post(metadata.revocation_endpoint, { token: tokens.refresh_token, client_id: form.client_id });
  return { tokenType: tokens.token_type, answer, revoked: revocation.status, afterwards: (await ask()).status };
}`;
