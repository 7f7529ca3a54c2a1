import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createOwner } from '../../harness/connect.js';
import { Owner } from '../../harness/owner.js';
import { expectCase } from '../support/expect-case.js';
import { findInstalled } from '../support/installed.js';
import { buildNextApp, locateSources, type NextApp } from '../support/next-app.js';
import { onDemandTestMilliseconds } from '../support/on-demand-tool.js';
import { register, usualScope } from '../support/stack.js';
import { startToolStack, type ToolStack } from '../support/tool-stack.js';

describe.each(['4', '5'] as const)('NextAuth %s in Next.js', (version) => {
  const installed = findInstalled(`npm/next-auth-${version}`);
  const isThere = 'directory' in installed;
  const titleNote = isThere ? '' : ` (skipped: ${installed.missing})`;
  const clientName = `A shop with NextAuth ${version}`;

  let stack: ToolStack;
  let app: NextApp;
  beforeAll(async () => {
    if (!isThere) return;
    app = await buildNextApp(installed.directory, ['next-auth/common', `next-auth/${version}`].map(locateSources));
    stack = await startToolStack({}, usualScope);
  }, onDemandTestMilliseconds);
  afterAll(() => Promise.all([app?.close(), stack?.stop()]));

  (isThere ? it : it.skip)(
    `signs in, streams through the Vercel AI SDK with the access token, and is told of a revocation${titleNote}`,
    async () => {
      const { issuer, resourceProxyUrl } = stack.deployment;
      const { client_id, client_secret } = await register(stack, {
        client_name: clientName,
        redirect_uris: [`${app.origin}/api/auth/callback/aipassport`],
      });
      await app.start({
        NEXTAUTH_URL: app.origin,
        AUTH_TRUST_HOST: 'true',
        AUTH_SECRET: 'a-secret-of-this-test-0123456789abcdef',
        ISSUER: issuer,
        PROXY: resourceProxyUrl,
        CLIENT_ID: client_id,
        CLIENT_SECRET: client_secret,
        SCOPE: `openid email profile ${usualScope}`,
      });
      const owner = await createOwner(stack.deployment);
      const visitor = new Owner(app.origin, owner.credentials);
      expect((await askForChat(app, visitor)).status).toBe(401);

      const { page } = await visitor.open('/api/auth/signin');
      const { leftTo } = await visitor.press(page, 'Sign in with AIPassport');
      const callback = await owner.allow(leftTo ?? new URL('nowhere:'));
      expect((await visitor.open(callback)).page).toMatchObject({ status: 200, url: new URL(app.origin) });

      const ask = async () => readStream(await askForChat(app, visitor));
      await expectCase(stack, {
        title: 'chat',
        requests: ['openai.responses'],
        run: async () => (await ask()).text,
      });
      await owner.revoke(clientName);
      expect(await ask()).toEqual({ text: '', types: expect.arrayContaining(['error']) });
    },
    onDemandTestMilliseconds,
  );
});

async function askForChat(app: NextApp, visitor: Owner): Promise<Response> {
  return fetch(`${app.origin}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: await visitor.cookies() },
    body: JSON.stringify({ prompt: 'What is the capital of France?' }),
  });
}

interface StreamPart {
  readonly type: string;
  readonly delta?: string;
}

/** Reads what `toUIMessageStreamResponse` of the Vercel AI SDK sends: server-sent events, the last of them `[DONE]`. */
async function readStream(response: Response): Promise<{ readonly text: string; readonly types: readonly string[] }> {
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: {'));
  const parts = lines.map((line) => JSON.parse(line.slice('data: '.length)) as StreamPart);
  return { text: parts.map(({ delta = '' }) => delta).join(''), types: parts.map(({ type }) => type) };
}
