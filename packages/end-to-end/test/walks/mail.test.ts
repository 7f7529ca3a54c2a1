import { expect } from '@jest/globals';
import { chatStatus } from '../harness/chat.js';
import { ClientApp } from '../harness/client-app.js';
import { type Connection, connect, createOwner } from '../harness/connect.js';
import { password } from '../harness/create-account.js';
import { expectFinished } from '../harness/expect-finished.js';
import { findLink, listSubjects } from '../harness/outbox.js';
import type { Owner } from '../harness/owner.js';
import { readLedger } from '../harness/read-ledger.js';
import { answerChat, answerJson } from '../harness/recording-upstream.js';
import { signIn } from '../harness/sign-in.js';
import { withChromium } from '../harness/use-browser.js';
import { ageSignIns, beginWalk, useWalks, type Walk } from '../harness/use-walks.js';
import { waitUntil } from '../harness/wait-until.js';

const walks = useWalks();
const proxyUrl = () => walks().deployment.resourceProxyUrl;

/** Opens the link of the e-mail that a new account gets. */
async function confirmEmail({ open, press }: Walk, { credentials: { email } }: Owner): Promise<void> {
  await open(await findLink(walks().outbox, '/account/email/confirm', { to: email }));
  await press('Confirm address', 'Email address confirmed.');
}

async function expectMail({ credentials: { email } }: Owner, subject: string): Promise<void> {
  await waitUntil(() => listSubjects(walks().outbox, email).includes(subject), `an e-mail "${subject}" came`, 20_000);
}

/** Lets a server search for notices now, instead of within five minutes, and waits until the search has begun. */
async function searchForNotices(): Promise<void> {
  const { db } = walks().deployment;
  await db
    .updateTable('notice_checks')
    .set({ began_at: new Date(0) })
    .execute();
  const hasBegun = async () =>
    (await db.selectFrom('notice_checks').select('began_at').execute()).every(({ began_at: at }) => at.getTime() > 0);
  await waitUntil(hasBegun, 'a server searches for notices', 20_000);
}

/** Sets the total spending limit on the app's page. */
async function limitSpending({ page, follow, press }: Walk, amount: string): Promise<void> {
  await follow('Connected apps');
  await follow('Recipe Helper');
  await page.getByRole('button', { name: 'Change limits' }).click();
  await page.getByLabel('Total spending limit').fill(amount);
  await press('Save', 'Saved. Applies from the next request.');
}

/** Connects an app and sends one request. @returns what the request cost, in nano-US-dollars */
async function useApp(owner: Owner): Promise<Connection & { readonly cost: number }> {
  const client = await ClientApp.register(walks().deployment, { name: 'Recipe Helper' });
  const connection = await connect(walks().deployment, { owner, client, proposal: { max_cost_usd: '1' } });
  expect(await chatStatus(proxyUrl(), connection.accessToken)).toBe(200);
  const [row] = await readLedger(walks().deployment, connection.grantId);
  return { ...connection, cost: Number(row?.cost) };
}

const dollars = (nanoUsd: number) => (nanoUsd / 1e9).toFixed(9);

withChromium('an owner changes the email address with the link that is sent to the new one', async () => {
  const { deployment, outbox } = walks();
  const owner = await createOwner(deployment);
  const { email } = owner.credentials;
  const walk = await beginWalk(walks(), owner);
  const { page, open, follow, press } = walk;
  await confirmEmail(walk, owner);
  await open('/account');
  await follow('Settings');
  await follow('Email');
  await page.getByText(`${email} · Confirmed`).waitFor();
  await ageSignIns(walks());
  await page.getByLabel('New email address').fill('newer@example.org');
  await press('Send link', 'Confirm it’s you to change your email address.');
  await page.getByLabel('Password').fill(password);
  await press('Send link', 'a link is on its way');
  await page.getByText(`${email} · Confirmed`).waitFor();

  await open(await findLink(outbox, '/account/email/confirm', { to: 'newer@example.org' }));
  await page.getByText(`Change your email address from ${email} to newer@example.org?`).waitFor();
  await press('Change address', 'Email address changed.');
  await page.getByText('newer@example.org · Confirmed').waitFor();
  await expectMail(owner, 'Your email address was changed');

  await press('Sign out', 'Sign in');
  await signIn(page, owner.credentials);
  await page.getByText('Wrong email or password.').first().waitFor();
  await expectFinished(page);
  await signIn(page, { email: 'newer@example.org', password });
  await page.waitForURL('**/account');
  const accounts = deployment.db
    .selectFrom('accounts')
    .select('email')
    .where('email', 'in', [email, 'newer@example.org']);
  expect(await accounts.execute()).toEqual([{ email: 'newer@example.org' }]);
  await walk.end();
});

withChromium(
  'an owner gets an e-mail about a new app, a new device, 80 % and all of a limit, and a key that is refused',
  async () => {
    const { deployment, upstream } = walks();
    const owner = await createOwner(deployment);
    const walk = await beginWalk(walks(), owner);
    await confirmEmail(walk, owner);
    const { accessToken, cost } = await useApp(owner);
    await expectMail(owner, 'A new app can use your AI account');

    await walk.open('/account');
    await limitSpending(walk, dollars(Math.floor(cost * 1.2)));
    await searchForNotices();
    await expectMail(owner, '80% of a spending limit is used');
    await limitSpending(walk, dollars(cost));
    await searchForNotices();
    await expectMail(owner, 'A spending limit is reached');

    await limitSpending(walk, '1');
    await owner.addKey('openai', 'sk-proj-0123456789abcdef0123456789abcd');
    upstream.behaviour = (_hit, response) =>
      answerJson(response, 401, { error: { message: 'Incorrect API key provided.', code: 'invalid_api_key' } });
    expect(await chatStatus(proxyUrl(), accessToken)).not.toBe(200);
    upstream.behaviour = answerChat;
    await walk.follow('API keys');
    await walk.page.getByText('OpenAI no longer accepts this key').waitFor();
    await searchForNotices();
    await expectMail(owner, 'Your API key was refused');

    const elsewhere = await beginWalk(walks());
    await elsewhere.open('/account');
    await signIn(elsewhere.page, owner.credentials);
    await elsewhere.page.waitForURL('**/account');
    await expectMail(owner, 'New sign-in to your account');
    await elsewhere.end();
    await walk.end();
  },
);

withChromium('an owner who switches notices off gets only those about the security of the account', async () => {
  const { deployment, outbox } = walks();
  const owner = await createOwner(deployment);
  const { email } = owner.credentials;
  const walk = await beginWalk(walks(), owner);
  const { page, open, follow, press } = walk;
  await confirmEmail(walk, owner);
  await open('/account');
  await follow('Settings');
  await follow('Email');
  for (const notice of await page.getByRole('checkbox').all()) await notice.uncheck();
  await press('Save choices', 'Choices saved.');
  await page.getByRole('checkbox', { name: 'an AI provider refuses my API key' }).check();
  await press('Save choices', 'Choices saved.');

  const { cost } = await useApp(owner);
  await limitSpending(walk, dollars(cost));
  await searchForNotices();
  await follow('Settings');
  await follow('Sign-in and security');
  await page.getByRole('listitem').filter({ hasText: 'Password' }).getByRole('link', { name: 'Change' }).click();
  await page.getByLabel('Current password').fill(password);
  await page.getByLabel('New password').fill('another correct horse battery');
  await press('Change password', 'Password changed.');
  await expectMail(owner, 'Your password was changed');
  expect(listSubjects(outbox, email).sort()).toEqual(['Confirm your email address', 'Your password was changed']);
  const muted = await deployment.db
    .selectFrom('account_mail as m')
    .innerJoin('accounts as a', 'a.id', 'm.account_id')
    .select('m.muted')
    .where('a.email', '=', email)
    .executeTakeFirstOrThrow();
  expect([...muted.muted].sort()).toEqual(['access_ends', 'budget', 'new_app']);
  await walk.end();
});
