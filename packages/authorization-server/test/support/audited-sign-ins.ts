import { randomUUID } from 'node:crypto';
import { makeSecret } from '@aipassport/store';
import { insertPasswordReset } from '@aipassport/store/authorization';
import { Secret, TOTP } from 'otpauth';
import { type Act, type Actor, after, form, formLike, type Prepare, submit } from './audited-acts.js';
import { Authenticator } from './authenticator.js';
import { Browser, type Page, readForm } from './browser.js';
import { createConfirmedOwner } from './confirmed-owner.js';
import type { FormFields } from './http.js';
import type { TestIdentityProvider } from './identity-provider.js';
import { readLink, takeMail } from './mail-server.js';
import { password, signIn } from './owner.js';
import { addPasskey, challengePath, createWithPasskey, fetchChallenge, passkeysPath } from './passkeys.js';

const newPassword = 'another horse, another staple 43';
const appPath = '/account/authenticator';
const codesPath = '/account/recovery-codes';
const forgottenPath = '/account/forgotten-password';
const identitiesPath = '/account/identities';
const sessionsPath = '/account/sessions';

/** Prepares an act: a visitor, who is not signed in, sends a form. */
async function visit(
  { server }: Actor,
  path: string,
  { action = path, fields }: { readonly action?: string; readonly fields: FormFields },
): Promise<Act> {
  const browser = new Browser(server.issuer);
  const page = await browser.open(path);
  return submit(browser, page, action, fields);
}

/** The code of an authenticator app, some steps of 30 seconds from now. */
function codeOf(secret: string, steps = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
}

/** Begins to set up an authenticator app. The page that follows shows its secret, and asks for its first code. */
async function beginApp({ owner: { browser } }: Actor): Promise<{ readonly page: Page; readonly secret: string }> {
  const page = await browser.submit(await browser.open(appPath), appPath);
  return { page, secret: /<code>([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1]?.replaceAll(' ', '') ?? '' };
}

async function turnOn(actor: Actor): Promise<string> {
  const { page, secret } = await beginApp(actor);
  await actor.owner.browser.submit(page, `${appPath}/confirm`, { code: codeOf(secret, -1) });
  return secret;
}

async function makeCodes({ owner: { browser } }: Actor): Promise<readonly string[]> {
  const { text } = await browser.submit(await browser.open(codesPath), codesPath, { asked: 'yes' });
  return [...text.matchAll(/<code>([\dA-Z-]{19})<\/code>/g)].map(([, code = '']) => code);
}

/** Signs in with the password. The returned act sends the code for which the sign-in waits. */
async function signInWithCode(actor: Actor, makeCode: () => string): Promise<Act> {
  const browser = new Browser(actor.server.issuer);
  const page = await signIn(browser, actor.owner.email);
  return () => browser.submit(page, '/account/sign-in/code', { code: makeCode() }, { follow: false });
}

async function addedPasskey({ server, owner: { browser } }: Actor): Promise<Authenticator> {
  const authenticator = new Authenticator(server.issuer);
  await addPasskey(browser, (challenge) => authenticator.create(challenge));
  return authenticator;
}

/** Each attempt has its own challenge, because a challenge is used up even if the attempt fails. */
const signInWithPasskey: Prepare = async (actor) => {
  const authenticator = await addedPasskey(actor);
  const browser = new Browser(actor.server.issuer);
  const page = await browser.open('/account/sign-in');
  return async () => {
    const passkey = authenticator.get(await fetchChallenge(browser, challengePath));
    return browser.submit(page, '/account/sign-in/passkey', { passkey }, { follow: false });
  };
};

const newPasskey: Prepare = async ({ server, owner: { browser } }) => {
  const authenticator = new Authenticator(server.issuer);
  const page = await browser.open(passkeysPath);
  const { csrf_token = '' } = readForm(page.text, passkeysPath);
  return async () => {
    const challenge = await fetchChallenge(browser, `${passkeysPath}/options`, { csrf_token });
    const fields = { name: 'Laptop', new_passkey: authenticator.create(challenge) };
    return browser.submit(page, passkeysPath, fields, { follow: false });
  };
};

/** Goes to the identity provider and comes back. Each attempt begins anew, because an answer is accepted once. */
function come(idp: TestIdentityProvider, browser: Browser, begin: () => Promise<Page>): Act {
  const person = { sub: randomUUID(), email: `${randomUUID()}@example.com`, email_verified: true };
  return async () => {
    idp.person = person;
    return browser.request(await idp.visit((await begin()).url));
  };
}

const signInElsewhere: Prepare = async ({ server, idp }) => {
  const browser = new Browser(server.issuer);
  return come(idp, browser, () => browser.open(`${identitiesPath}/elsewhere/start`));
};

const connectIdentity: Prepare = async ({ idp, owner: { browser } }) => {
  const page = await browser.open(identitiesPath);
  return come(idp, browser, () => browser.submit(page, `${identitiesPath}/elsewhere/connect`));
};

/** Acts that do not end with a form of this server: the browser comes back from the identity provider. */
export const identityActs: Readonly<Record<string, Prepare>> = {
  'a first sign-in at an identity provider': signInElsewhere,
  'another sign-in at an identity provider': async (actor) => {
    const act = await signInElsewhere(actor);
    await act();
    return act;
  },
  'an identity that is connected': connectIdentity,
};

/** The forms of sign-ins, and of the ways to sign in. */
export const signInForms: Readonly<Record<string, Prepare>> = {
  '/account/create': (actor) =>
    visit(actor, '/account/create', { fields: { email: `${randomUUID()}@example.com`, password } }),
  '/account/sign-in': (actor) => visit(actor, '/account/sign-in', { fields: { email: actor.owner.email, password } }),
  '/account/sign-in/code': async (actor) => {
    const secret = await turnOn(actor);
    return signInWithCode(actor, () => codeOf(secret));
  },
  '/account/sign-in/passkey': signInWithPasskey,
  '/account/sign-out': form('/account', '/account/sign-out'),
  '/account/identities/{provider}/remove': after(
    connectIdentity,
    form(identitiesPath, `${identitiesPath}/elsewhere/remove`),
  ),
  '/account/password': form('/account/password', '/account/password', { password, new_password: newPassword }),
  '/account/passkeys': newPasskey,
  '/account/passkeys/{passkey_id}/remove': after(newPasskey, formLike(passkeysPath, '/remove', { asked: 'yes' })),
  '/account/authenticator/confirm': async (actor) => {
    const { page, secret } = await beginApp(actor);
    return () => actor.owner.browser.submit(page, `${appPath}/confirm`, { code: codeOf(secret) }, { follow: false });
  },
  '/account/authenticator/remove': async (actor) => {
    await turnOn(actor);
    return form(appPath, `${appPath}/remove`)(actor);
  },
  '/account/recovery-codes': form(codesPath, codesPath, { asked: 'yes' }),
  '/account/forgotten-password': async (actor) => {
    const [recovery_code = ''] = await makeCodes(actor);
    const fields = { email: actor.owner.email, recovery_code, new_password: newPassword };
    return visit(actor, forgottenPath, { fields });
  },
  '/account/forgotten-password/send-link': async (actor) => {
    const { email } = await createConfirmedOwner(actor.server, actor.mailServer);
    return visit(actor, forgottenPath, { action: `${forgottenPath}/send-link`, fields: { email } });
  },
  '/account/reset': async (actor) => {
    const token = makeSecret();
    const { accountId } = actor.owner;
    await insertPasswordReset(actor.server.db, { accountId, token, lifetimeSeconds: 3_600 });
    const path = `/account/reset?token=${token}`;
    return visit(actor, path, { action: '/account/reset', fields: { new_password: newPassword } });
  },
  '/account/sessions/end-others': async (actor) => {
    await signIn(new Browser(actor.server.issuer), actor.owner.email);
    return form(sessionsPath, `${sessionsPath}/end-others`)(actor);
  },
  '/account/sessions/{session_id}/end': async (actor) => {
    await signIn(new Browser(actor.server.issuer), actor.owner.email);
    return formLike(sessionsPath, '/end')(actor);
  },
};

/** Other acts that some of these forms can cause. */
export const otherSignIns: Readonly<Record<string, Prepare>> = {
  'a new account with a passkey': async ({ server }) => {
    const [browser, authenticator] = [new Browser(server.issuer), new Authenticator(server.issuer)];
    const email = `${randomUUID()}@example.com`;
    return () => createWithPasskey(browser, authenticator, { email });
  },
  'a sign-in with a recovery code': async (actor) => {
    await turnOn(actor);
    const [code = ''] = await makeCodes(actor);
    return signInWithCode(actor, () => code);
  },
  'an e-mail address that is changed': async (actor) => {
    const { browser } = actor.owner;
    const email = `${randomUUID()}@example.com`;
    await browser.submit(await browser.open('/account/email'), '/account/email/change', { email });
    const mail = await takeMail(actor.mailServer, email, 'Confirm your email address');
    return submit(browser, await browser.open(readLink(mail)), '/account/email/confirm');
  },
};
