import { randomUUID } from 'node:crypto';
import { loadSpecification } from '@aipassport/contracts';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { hasWords } from '../src/account/describe-kept-form.js';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { addClient, connect } from './support/client.js';
import type { FormFields } from './support/http.js';
import type { Person, TestIdentityProvider } from './support/identity-provider.js';
import { ageSignIn, createOwner, getLastGrant, type Owner } from './support/owner.js';
import type { TestServer } from './support/start-server.js';
import { startWithIdentityProvider } from './support/start-with-identity-provider.js';

let idp: TestIdentityProvider;
let server: TestServer;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ idp, server, close } = await startWithIdentityProvider());
});
afterAll(() => close?.());

const startPath = '/account/identities/elsewhere/start';

let person: Person & { readonly email: string };
/** An owner without a password and without a passkey, who signs in at the identity provider. */
let owner: Owner;
beforeEach(async () => {
  person = { sub: randomUUID(), email: `${randomUUID()}@example.com`, email_verified: true };
  const browser = new Browser(server.issuer);
  await signInThere(browser);
  const { id: accountId } = await server.db
    .selectFrom('accounts')
    .select('id')
    .where('email', '=', person.email)
    .executeTakeFirstOrThrow();
  owner = { browser, accountId, email: person.email };
});

async function signInThere(browser: Browser, start = startPath): Promise<Page> {
  const there = await browser.open(start);
  idp.person = person;
  return browser.open(await idp.visit(there.url));
}

/** Sends a form when the sign-in is too old for it, signs in again, and comes back. */
async function leaveAndComeBack(page: string, action: string, typed: FormFields): Promise<Page> {
  await ageSignIn(server, owner, 6 * 60);
  const asked = await owner.browser.submit(await owner.browser.open(page), action, typed);
  expect(asked.status).toBe(422);
  const { url } = await owner.browser.submit(asked, action, { ...typed, sign_in_again: 'yes' });
  expect([url.pathname, url.searchParams.get('again')]).toEqual(['/account/sign-in', 'true']);
  const query = new URLSearchParams({ return_to: url.searchParams.get('return_to') ?? '', again: 'true' });
  const back = await signInThere(owner.browser, `${startPath}?${query}`);
  expect([back.url.pathname, readForm(back.text, action)]).toEqual([
    '/account/continue',
    expect.objectContaining(typed),
  ]);
  return back;
}

it('an owner who signs in again to raise a limit of an app finds the typed limit kept, and continues with it', async () => {
  await connect(server, owner.browser, await addClient(server), {}, { max_cost_usd: '2.00', expires_in: '86400' });
  const action = `/account/grants/${(await getLastGrant(server, owner)).id}/limits`;
  const back = await leaveAndComeBack(action, action, { max_cost_usd: '12.34' });
  const shown = readText(back.text);
  expect(shown).toMatch(
    /Check what you entered before you continue\. .* Change access Test App \(at app\.example, verified\)/,
  );
  for (const words of [
    'What the app can use GPT-4o (OpenAI) Claude Sonnet 4.5 (Anthropic)',
    'Total spending limit $12.34',
    'Access ends as before',
  ])
    expect(shown).toContain(words);
  const saved = await owner.browser.submit(back, action);
  expect(readText(saved.text)).toContain('Saved.');
  expect((await getLastGrant(server, owner)).max_cost).toBe(12_340_000_000n);
});

it('an owner who signs in again to raise the overall limit finds the typed limit kept, until it is sent', async () => {
  const [page, action] = ['/account/settings', '/account/settings/limit'];
  const lower = { max_cost_usd_per_month: '3.00' };
  await owner.browser.submit(await owner.browser.open(page), action, lower);
  const typed = { max_cost_usd_per_month: '12.34' };
  const back = await leaveAndComeBack(page, action, typed);
  expect(readText(back.text)).toContain('Overall spending limit Monthly spending limit $12.34');
  const stranger = await createOwner(server);
  expect((await stranger.browser.open('/account/continue')).url.pathname).toBe('/account');
  const saved = await owner.browser.submit(back, action);
  expect(readForm(saved.text, action)).toMatchObject(typed);
  expect((await owner.browser.open('/account/continue')).url.pathname).toBe('/account');
});

it('an owner who signs in again to register an app finds all that was typed kept', async () => {
  const action = '/account/developer/clients/new';
  const redirects = 'https://one.example/callback\r\nhttps://two.example/callback';
  const back = await leaveAndComeBack(action, action, { name: 'Kept Name', redirect_uris: redirects, type: 'web' });
  const words = 'Redirect addresses https://one.example/callback https://two.example/callback';
  for (const part of [words, 'Name Kept Name', 'Register an app Kind of app Website with a server'])
    expect(readText(back.text)).toContain(part);
  const registered = await owner.browser.submit(back, action);
  expect(readText(registered.text)).toContain('App registered.');
  expect(readText(registered.text)).toContain('Kept Name');
});

it('another session of the account does not find the form, so a thief with an old session cannot prepare one', async () => {
  const [page, action] = ['/account/settings', '/account/settings/limit'];
  await owner.browser.submit(await owner.browser.open(page), action, { max_cost_usd_per_month: '3.00' });
  await ageSignIn(server, owner, 6 * 60);
  const typed = { max_cost_usd_per_month: '12.34' };
  const asked = await owner.browser.submit(await owner.browser.open(page), action, typed);
  await owner.browser.submit(asked, action, { ...typed, sign_in_again: 'yes' });
  const elsewhere = new Browser(server.issuer);
  await signInThere(elsewhere);
  expect((await elsewhere.open('/account/continue')).url.pathname).toBe('/account');
  expect((await owner.browser.open('/account/continue')).url.pathname).toBe('/account/continue');
});

it('a secret is not kept', async () => {
  const [page, action] = ['/account/email', '/account/email/change'];
  const typed = { email: `${randomUUID()}@example.com` };
  await ageSignIn(server, owner, 6 * 60);
  const asked = await owner.browser.submit(await owner.browser.open(page), action, typed);
  await owner.browser.submit(asked, action, { password: 'a secret that was typed', sign_in_again: 'yes' });
  const { payload } = await server.db
    .selectFrom('artifacts')
    .select('payload')
    .where('model', '=', 'KeptForm')
    .orderBy('expires_at', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  const { fields } = payload as { readonly fields: readonly (readonly [string, string])[] };
  expect(fields.map(([name]) => name).sort()).toEqual(['email', 'shown']);
});

it('the page that continues with a kept form has words for each field of every form that can be kept', () => {
  const { schemas } = loadSpecification('authorization-server').document.components as unknown as {
    readonly schemas: Readonly<Record<string, Schema>>;
  };
  const forms = Object.entries(schemas).filter(
    ([name, schema]) => name.endsWith('Form') && 'password' in listProperties(schema),
  );
  const own = ['csrf_token', 'password', 'new_password', 'passkey', 'new_passkey', 'key', 'code', 'recovery_code'];
  // that page does not show these forms: they make an account, sign in, decide about an app, contain a secret, or
  // download a file
  const never = [
    'ConsentForm',
    'CreateAccountForm',
    'SignInForm',
    'ProviderKeyForm',
    'PasskeyForm',
    'ActivityExportForm',
  ];
  const fields = forms
    .filter(([name]) => !never.includes(name))
    .flatMap(([name, schema]) => Object.keys(listProperties(schema)).map((field) => [name, field] as const));
  expect(fields.length).toBeGreaterThan(40);
  expect(fields.filter(([, field]) => !own.includes(field) && !hasWords(field))).toEqual([]);
});

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly allOf?: readonly Schema[];
}

const listProperties = ({ properties, allOf = [] }: Schema): Readonly<Record<string, unknown>> =>
  Object.assign({}, properties, ...allOf.map(listProperties));
