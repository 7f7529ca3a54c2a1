import { readFile } from 'node:fs/promises';
import { expect } from '@jest/globals';
import { chatStatus } from '../harness/chat.js';
import { ClientApp } from '../harness/client-app.js';
import { connect } from '../harness/connect.js';
import { password } from '../harness/create-account.js';
import { createInvited } from '../harness/create-invited.js';
import { expectFinished } from '../harness/expect-finished.js';
import { withChromium } from '../harness/use-browser.js';
import { ageSignIns, beginOperatorWalk, beginWalk, useWalks, type Walk } from '../harness/use-walks.js';

const walks = useWalks({ variables: () => ({ ACCOUNT_CREATION: 'invite' }) });
const proxyUrl = () => walks().deployment.resourceProxyUrl;

const beginOperating = async () => beginOperatorWalk(walks(), await createInvited(walks().deployment));

/** Follows a link of the operator's navigation. Some have the same names as links of the account's navigation. */
async function goTo({ page }: Walk, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Operator' }).getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  await expectFinished(page);
}

/** Follows a link in the row with this text, and presses the button with the same name on the confirmation page. */
async function change(walk: Walk, row: string, name: string): Promise<void> {
  await walk.page.getByRole('row', { name: row }).getByRole('link', { name, exact: true }).click();
  await walk.page.waitForURL('**/operator/change**');
  await expectFinished(walk.page);
  await walk.press(name, 'Saved. The change applies from now on.');
}

async function openAccount(walk: Walk, email: string): Promise<void> {
  await goTo(walk, 'Accounts');
  await walk.page.getByLabel('Email contains').fill(email);
  await walk.press('Search', email);
  await walk.follow(email);
}

withChromium('an operator invites two people, withdraws one invitation, and sees who used the other', async () => {
  const walk = await beginOperating();
  const { page, press } = walk;
  const invite = async (note: string) => {
    await page.getByLabel('Note (optional)').fill(note);
    await press('Create invitation', 'Invitation created.');
    return page.getByLabel('Invitation link').inputValue();
  };
  await goTo(walk, 'Invitations');
  const kims = await invite('For Kim');
  const lous = await invite('For Lou');
  await change(walk, 'For Lou', 'Withdraw invitation');

  const visitor = await beginWalk(walks());
  await visitor.open(lous);
  await visitor.page.getByText('This invitation no longer works').first().waitFor();
  await visitor.open(kims);
  await visitor.page.getByLabel('Email').fill('kim@example.org');
  await visitor.page.getByLabel('Password').fill(password);
  await visitor.press('Create account', 'Get started');
  await visitor.end();

  await goTo(walk, 'Invitations');
  await page.getByRole('row', { name: 'For Kim' }).getByText('Used by kim@example.org').waitFor();
  expect(await page.getByRole('row', { name: 'For Lou' }).count()).toBe(0);
  await walk.end();
});

withChromium(
  'an operator makes a link for a person who forgot the password, who then signs in with a new one',
  async () => {
    const owner = await createInvited(walks().deployment);
    const { email } = owner.credentials;
    const walk = await beginOperating();
    await openAccount(walk, email);
    await ageSignIns(walks());
    await walk.press('Create a password reset link', 'Confirm it’s you to create the link.');
    await walk.page.getByLabel('Password').fill(password);
    await walk.press('Create a password reset link', 'Send it to the person whose account it is.');
    const link = await walk.page.getByLabel('Password reset link').inputValue();
    await walk.end();

    const person = await beginWalk(walks());
    const { page, open, follow, press } = person;
    const replaced = 'another correct horse battery';
    await open(link);
    await page.getByLabel('New password').fill(replaced);
    await press('Set new password', 'Password changed. Sign in with your new password.');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(replaced);
    await press('Sign in', 'Get started');
    await follow('Settings');
    await follow('Account activity');
    await page.getByText('Link to set a new password created by the person who runs this server').waitFor();
    await person.end();
  },
);

withChromium('an operator caps what one account can spend with the shared keys, and takes the cap away', async () => {
  const { deployment } = walks();
  const owner = await createInvited(deployment);
  const { accessToken } = await connect(deployment, { owner });
  const walk = await beginOperating();
  const { page, press } = walk;
  await openAccount(walk, owner.credentials.email);
  const cap = page.getByLabel('Cap of this account, per month');
  await cap.fill('nothing');
  await press('Save cap', 'Enter an amount in US dollars');
  await cap.fill('0');
  await press('Save cap', 'Saved. The change applies from now on.');
  expect(await chatStatus(proxyUrl(), accessToken)).toBe(402);
  await cap.fill('');
  await press('Save cap', 'Saved. The change applies from now on.');
  await page.getByText('There is no cap.').waitFor();
  expect(await chatStatus(proxyUrl(), accessToken)).toBe(200);
  await walk.end();
});

withChromium('an operator blocks an app, unblocks it, and exports both events from the audit log', async () => {
  const { deployment } = walks();
  const client = await ClientApp.register(deployment, { name: 'Travel Planner' });
  const { owner, accessToken } = await connect(deployment, { client, owner: await createInvited(deployment) });
  const walk = await beginOperating();
  const { page, press } = walk;
  const search = async () => {
    await goTo(walk, 'Apps');
    await page.getByLabel('Name or identifier contains').fill(client.clientId);
    await press('Search', client.clientId);
  };
  await search();
  await change(walk, 'Travel Planner', 'Block app');
  expect(await chatStatus(proxyUrl(), accessToken)).toBe(401);
  const person = await beginWalk(walks(), owner);
  await person.open((await client.beginAuthorization('model:gpt-4o-mini cap:chat')).url.href);
  await person.page.getByText('We don’t recognize the app that sent you here.').waitFor();
  await person.end();
  await search();
  await page.getByRole('row', { name: 'Travel Planner' }).getByText('Blocked').waitFor();
  await change(walk, 'Travel Planner', 'Unblock app');
  const again = await connect(deployment, { client, owner });
  expect(await chatStatus(proxyUrl(), again.accessToken)).toBe(200);

  await goTo(walk, 'Audit log');
  await page.getByLabel('Identifier of the app').fill(client.clientId);
  await page.getByLabel('Event').selectOption('client_blocked');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.waitForURL('**event=client_blocked**');
  await expectFinished(page);
  expect(await page.locator('.events li', { hasText: 'client_blocked' }).count()).toBe(1);
  await ageSignIns(walks());
  await press('Download CSV', 'Confirm it’s you to export the audit log.');
  await page.getByLabel('Password').fill(password);
  await press('Download CSV', 'Confirmed. You can download now.');
  expect(await page.getByLabel('Identifier of the app').inputValue()).toBe(client.clientId);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const [, ...rows] = (await readFile(await (await downloading).path(), 'utf8')).trim().split('\r\n');
  expect(rows).toEqual([expect.stringContaining(`"client_blocked"`)]);
  await walk.end();
});
