import { Auth, type AuthConfig } from '@auth/core';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import OAuth2Strategy from 'passport-oauth2';
import { chatStatus } from '../harness/chat.js';
import { type ClientStack, redirectUri, register, startClientStack, usualScope } from './support/stack.js';

let stack: ClientStack;
let issuer: string;
beforeAll(async () => {
  stack = await startClientStack();
  issuer = stack.deployment.issuer;
});
afterAll(() => stack?.stop());

const call = (accessToken: string) => chatStatus(stack.deployment.resourceProxyUrl, accessToken);

it('@auth/core (NextAuth): signs in with PKCE, state and nonce, and gives the app a valid access token', async () => {
  const origin = 'http://127.0.0.1:9';
  const registered = await register(stack, { redirect_uris: [`${origin}/auth/callback/aipassport`] });
  let accessToken = '';
  const config: AuthConfig = {
    basePath: '/auth',
    trustHost: true,
    secret: 'a-secret-of-this-test-0123456789abcdef',
    providers: [
      {
        id: 'aipassport',
        name: 'AIPassport',
        type: 'oidc',
        issuer,
        clientId: registered.client_id,
        clientSecret: registered.client_secret,
        authorization: { params: { scope: `openid email profile ${usualScope}` } },
        checks: ['pkce', 'state', 'nonce'],
      },
    ],
    callbacks: {
      jwt: ({ token, account }) => {
        if (account) accessToken = account.access_token ?? '';
        return token;
      },
    },
  };
  const cookies = new Map<string, string>();
  const ask = async (target: string | URL, form?: Readonly<Record<string, string>>) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const init = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) };
    const answer = (await Auth(
      new Request(new URL(target, origin), { ...init, headers: { cookie } }),
      config,
    )) as Response;
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return answer;
  };
  const { csrfToken } = (await (await ask('/auth/csrf')).json()) as { csrfToken: string };
  const asking = await ask('/auth/signin/aipassport', { csrfToken, callbackUrl: origin });
  const callback = await stack.owner.allow(new URL(asking.headers.get('location') ?? ''));
  const signedIn = await ask(callback);
  expect(signedIn.headers.get('location')).toBe(origin);
  expect(await (await ask('/auth/session')).json()).toMatchObject({ user: expect.anything() });
  expect(await call(accessToken)).toBe(200);
});

it('passport-oauth2: signs in with PKCE and state, for a client that sends its secret in the form', async () => {
  const { client_id: clientID, client_secret: clientSecret } = await register(stack, {
    token_endpoint_auth_method: 'client_secret_post',
  });
  const options = {
    authorizationURL: `${issuer}/authorize`,
    tokenURL: `${issuer}/token`,
    clientID,
    clientSecret,
    callbackURL: redirectUri,
    scope: usualScope.split(' '),
    pkce: true,
    state: true,
  };
  type Done = (error: unknown, user: object) => void;
  const strategy = new OAuth2Strategy(options, (accessToken: string, _refresh: string, _profile: unknown, done: Done) =>
    done(null, { accessToken }),
  );
  const session = {};
  const authenticate = (query: object) =>
    new Promise<{ readonly url?: string; readonly accessToken?: string }>((resolve, reject) => {
      const running = Object.assign(Object.create(strategy) as OAuth2Strategy, {
        redirect: (url: string) => resolve({ url }),
        success: (user: object) => resolve(user),
        fail: (challenge: unknown) => reject(new Error(JSON.stringify(challenge))),
        error: reject,
      });
      running.authenticate({ query, session, headers: {} } as never, {});
    });
  const { url = '' } = await authenticate({});
  const callback = await stack.owner.allow(new URL(url));
  const { accessToken = '' } = await authenticate(Object.fromEntries(callback.searchParams));
  expect(await call(accessToken)).toBe(200);
});
