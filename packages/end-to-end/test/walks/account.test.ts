import { readFile } from 'node:fs/promises';
import { beforeEach, expect } from '@jest/globals';
import { chromiumPath } from '../harness/browser.js';
import { chatStatus } from '../harness/chat.js';
import { ClientApp } from '../harness/client-app.js';
import { connect } from '../harness/connect.js';
import { password } from '../harness/create-account.js';
import { createInvited } from '../harness/create-invited.js';
import { expectFinished } from '../harness/expect-finished.js';
import { answerChat, answerJson } from '../harness/recording-upstream.js';
import { openStaticOrigin } from '../harness/static-origin.js';
import { withChromium } from '../harness/use-browser.js';
import { ageSignIns, beginWalk, useWalks } from '../harness/use-walks.js';

const walks = useWalks({
  variables: () => ({ ACCOUNT_CREATION: 'invite', CHECK_PROVIDER_KEYS: 'true' }),
  hasOperatorKeys: false,
});

beforeEach(() => {
  if (chromiumPath !== undefined) walks().upstream.behaviour = answerChat;
});

withChromium('an owner adds a key that the provider refuses at first, tests it, names it and deletes it', async () => {
  const { upstream } = walks();
  const walk = await beginWalk(walks(), await createInvited(walks().deployment));
  const { page, open, follow, press } = walk;
  const fillKey = async () => {
    await page.getByLabel('AI provider').selectOption('openai');
    await page.getByLabel('API key', { exact: true }).fill('sk-proj-0123456789abcdef0123456789abcd');
  };
  upstream.behaviour = (_hit, response) =>
    answerJson(response, 401, { error: { message: 'Incorrect API key provided.', code: 'invalid_api_key' } });
  await open('/account');
  await follow('API keys');
  await fillKey();
  await press('Add key', 'OpenAI doesn’t accept this key.');
  upstream.behaviour = answerChat;
  await fillKey();
  await press('Add key', 'Key saved, and the AI provider accepts it.');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByText('OpenAI accepts this key.').waitFor();
  await expectFinished(page);
  await page.getByText('Add a name', { exact: true }).click();
  await page.locator('details[open] input:not([type=hidden])').fill('Work account');
  await press('Save', 'Name saved.');
  await page.getByText('Work account').first().waitFor();
  await ageSignIns(walks());
  await page.reload();
  await press('Delete', 'It stays valid at OpenAI until you delete it there.');
  await press('Delete key', 'Confirm it’s you to delete the key.');
  await page.getByLabel('Password').fill(password);
  await press('Delete key', 'Key deleted here.');
  await walk.end();
});

withChromium('an owner adds a missing key in the middle of an app’s request, and the choices are kept', async () => {
  const { deployment } = walks();
  const home = await openStaticOrigin();
  const client = await ClientApp.register(deployment, { redirectUri: `${home.origin}/callback` });
  const walk = await beginWalk(walks(), await createInvited(deployment));
  const { page, open, press } = walk;
  await open((await client.beginAuthorization('model:gpt-4o-mini cap:chat')).url.href);
  await page.getByText('OpenAI: no API key yet').waitFor();
  await page.getByText('1 day', { exact: true }).click();
  await press('Add a key', 'Your choices there are kept.');
  await page.getByLabel('API key', { exact: true }).fill('sk-proj-0123456789abcdef0123456789abcd');
  await press('Add key', 'OpenAI: your key ending in abcd');
  expect(await page.getByRole('radio', { name: '1 day', exact: true }).isChecked()).toBe(true);
  await page.getByRole('button', { name: /^Allow/ }).click();
  await page.waitForURL(`${home.origin}/callback?code=**`);
  await walk.end();
  await home.close();
});

withChromium('an owner makes an invitation, whose link makes one account, and withdraws another', async () => {
  const walk = await beginWalk(walks(), await createInvited(walks().deployment));
  const { page, open, follow, press } = walk;
  await open('/account');
  await follow('Invitations');
  await page.getByLabel('Note (optional)').fill('For Robin');
  await press('Create invitation', 'Invitation created.');
  const link = await page.getByLabel('Invitation link').inputValue();
  await page.getByLabel('Note (optional)').fill('For Sam');
  await press('Create invitation', 'Invitation created.');
  const withdrawn = await page.getByLabel('Invitation link').inputValue();
  await page.locator('li', { hasText: 'For Sam' }).getByRole('button', { name: 'Withdraw' }).click();
  await page.getByText('Invitation withdrawn.').waitFor();
  await expectFinished(page);

  const invited = await beginWalk(walks());
  await invited.open('/account/create');
  await invited.page.getByText('You need an invitation').first().waitFor();
  await invited.open(withdrawn);
  await invited.page.getByText('This invitation no longer works').first().waitFor();
  await invited.open(link);
  await invited.page.getByLabel('Email').fill('robin@example.org');
  await invited.page.getByLabel('Password').fill(password);
  await invited.page.getByRole('button', { name: 'Create account' }).click();
  await invited.page.waitForURL('**/account');
  await expectFinished(invited.page);
  await invited.end();

  await follow('Invitations');
  await page.getByText('Used by robin@example.org').waitFor();
  await walk.end();
});

withChromium('an owner makes an API token, which is shown once, and removes it', async () => {
  const { deployment } = walks();
  const walk = await beginWalk(walks(), await createInvited(deployment));
  const { page, open, follow, press } = walk;
  const askApi = async (token: string) =>
    (await fetch(`${deployment.issuer}/api/account/apps`, { headers: { authorization: `Bearer ${token}` } })).status;
  await ageSignIns(walks());
  await open('/account');
  await follow('Settings');
  await follow('Sign-in and security');
  await page.getByRole('listitem').filter({ hasText: 'API tokens' }).getByRole('link').click();
  await page.getByLabel('Name').fill('Dashboard');
  await press('Create token', 'Confirm it’s you to create a token.');
  expect(await page.getByLabel('Name').inputValue()).toBe('Dashboard');
  await page.getByLabel('Password').fill(password);
  await press('Create token', 'API token created.');
  const token = await page.getByLabel('New token').inputValue();
  expect(await askApi(token)).toBe(200);
  await page.goto(`${deployment.issuer}/account/tokens`);
  expect(await page.content()).not.toContain(token);
  await page.getByText('Last used').waitFor();
  await press('Remove', 'API token removed.');
  expect(await askApi(token)).toBe(401);
  await walk.end();
});

withChromium('an owner downloads their data and deletes the account, which ends the access of its apps', async () => {
  const { deployment } = walks();
  const owner = await createInvited(deployment);
  const { email } = owner.credentials;
  await owner.addKey('openai', 'sk-proj-0123456789abcdef0123456789abcd');
  const { accessToken } = await connect(deployment, { owner });
  expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(200);
  await ageSignIns(walks());

  const walk = await beginWalk(walks(), owner);
  const { page, open, follow, press } = walk;
  await open('/account');
  await follow('Settings');
  await follow('Download your data');
  await press('Download', 'Confirm it’s you to download your data.');
  await page.getByLabel('Password').fill(password);
  await press('Download', 'Confirmed. You can download now.');
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  const data = JSON.parse(await readFile(await (await downloading).path(), 'utf8')) as unknown;
  expect(JSON.stringify(data)).toContain(email);

  await ageSignIns(walks());
  await follow('Settings');
  await follow('Delete account');
  await page.getByLabel('Type your email to confirm').fill('somebody@example.org');
  await press('Delete account', 'This isn’t the email of this account.');
  await page.getByLabel('Type your email to confirm').fill(email);
  await press('Delete account', 'Confirm it’s you to delete your account.');
  await page.getByLabel('Password').fill(password);
  await press('Delete account', 'Your account is deleted');
  expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(401);
  await open('/account');
  expect(new URL(page.url()).pathname).toBe('/account/sign-in');
  await walk.end();
});
