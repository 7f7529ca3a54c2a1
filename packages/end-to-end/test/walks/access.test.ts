import { setAccountLimit } from '@aipassport/store/authorization';
import { expect } from '@jest/globals';
import { genericGrantRequest } from 'openid-client';
import { chatOutcome, chatStatus, postChat } from '../harness/chat.js';
import { ClientApp } from '../harness/client-app.js';
import { connect, createOwner } from '../harness/connect.js';
import { password } from '../harness/create-account.js';
import { expectFinished } from '../harness/expect-finished.js';
import { openStaticOrigin } from '../harness/static-origin.js';
import { withChromium } from '../harness/use-browser.js';
import { ageSignIns, beginWalk, useWalks } from '../harness/use-walks.js';

const walks = useWalks();
const proxyUrl = () => walks().deployment.resourceProxyUrl;

/** Sends a request that is refused. @returns the link in the answer */
async function readLink(accessToken: string): Promise<string> {
  const refused = (await (await postChat(proxyUrl(), accessToken)).json()) as { readonly error: { message: string } };
  return /https?:\S+/.exec(refused.error.message)?.[0] ?? '';
}

withChromium(
  'the link of a 402 leads to the limit that is used up, and the owner raises that limit after entering the password',
  async () => {
    const { deployment } = walks();
    const owner = await createOwner(deployment);
    const { accessToken } = await connect(deployment, { owner, proposal: { max_requests: 1, max_cost_usd: '1' } });
    expect(await chatStatus(proxyUrl(), accessToken)).toBe(200);
    const link = await readLink(accessToken);
    await ageSignIns(walks());

    const walk = await beginWalk(walks(), owner);
    const { page, open, press } = walk;
    await open(link);
    expect(await page.locator('main form input:not([type=hidden])').count()).toBe(1);
    await page.getByLabel('Total request limit').fill('none');
    await press('Save', 'Enter a whole number');
    await page.getByLabel('Total request limit').fill('2');
    await press('Save', 'Confirm it’s you to raise a limit');
    expect(await page.getByLabel('Total request limit').inputValue()).toBe('2');
    await page.getByLabel('Password').fill(password);
    await press('Save', 'Saved. Applies from the next request.');
    expect(await chatStatus(proxyUrl(), accessToken)).toBe(200);
    expect(await chatOutcome(proxyUrl(), accessToken)).toEqual({ status: 402, code: 'request_limit_reached' });
    await walk.end();
  },
);

withChromium(
  'if the overall limit is used up, the link of the 402 leads to this limit only, the pages about apps show that it is reached, and after the raise a link leads back to the app',
  async () => {
    const { deployment } = walks();
    const owner = await createOwner(deployment, password);
    const metadata = { client_uri: 'https://recipes.example/' };
    const client = await ClientApp.register(deployment, { name: 'Recipe Helper', metadata });
    const { accessToken, grantId } = await connect(deployment, { owner, client, proposal: { max_cost_usd: '1' } });
    const ofGrant = deployment.db.selectFrom('grants').select('account_id').where('id', '=', grantId);
    const { account_id: accountId } = await ofGrant.executeTakeFirstOrThrow();
    await setAccountLimit(deployment.db, { accountId, maxCostPerMonth: 1_000n, mayRaise: true });
    const link = await readLink(accessToken);
    expect(new URL(link).search).toBe('?limit=account');
    await ageSignIns(walks());

    const walk = await beginWalk(walks(), owner);
    const { page, open, follow, press } = walk;
    for (const path of ['/account', '/account/apps']) {
      await open(path);
      await page.getByText('Overall spending limit reached until').waitFor();
    }
    await follow('Recipe Helper', 'Recipe Helper');
    await follow('Raise the limit', 'Overall spending limit');
    await open(link);
    const field = page.getByLabel('Monthly spending limit');
    await field.fill('none');
    await press('Save limit', 'Enter an amount in US dollars');
    await field.fill('5');
    await press('Save limit', 'Confirm it’s you to raise or remove the limit.');
    expect(await field.inputValue()).toBe('5');
    await page.getByLabel('Password').fill(password);
    await press('Save limit', 'Saved. The new limit applies from the next request.');
    await page.getByRole('link', { name: 'Go back to Recipe Helper at recipes.example' }).waitFor();
    expect(await chatStatus(proxyUrl(), accessToken)).toBe(200);
    await walk.end();
  },
);

withChromium('if the limit of an app is used up, the link of a 402 for its agent leads to that limit', async () => {
  const { deployment } = walks();
  const owner = await createOwner(deployment);
  const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const metadata = { grant_types: ['authorization_code', 'refresh_token', grantType] };
  const client = await ClientApp.register(deployment, { metadata });
  const { accessToken } = await connect(deployment, {
    owner,
    client,
    proposal: { max_requests: 1, max_cost_usd: '1' },
  });
  const exchanged = await genericGrantRequest(client.configuration, grantType, {
    subject_token: accessToken,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    authorization_details: JSON.stringify([{ type: 'ai_access', max_requests: 1 }]),
  });
  expect(await chatStatus(proxyUrl(), accessToken)).toBe(200);
  const walk = await beginWalk(walks(), owner);
  await walk.open(await readLink(exchanged.access_token));
  await walk.page.getByLabel('Total request limit').fill('2');
  await walk.press('Save', 'Saved. Applies from the next request.');
  expect(await chatStatus(proxyUrl(), exchanged.access_token)).toBe(200);
  await walk.end();
});

withChromium(
  'an owner allows an update, narrows the access, enters the password to extend it, and removes the access of all apps',
  async () => {
    const { deployment } = walks();
    const home = await openStaticOrigin();
    const owner = await createOwner(deployment);
    const client = await ClientApp.register(deployment, {
      name: 'Recipe Helper',
      redirectUri: `${home.origin}/callback`,
    });
    const scope = 'model:gpt-4o-mini model:gpt-4o cap:chat';
    const proposal = { max_requests: 5, max_cost_usd: '1', expires_in: 86_400 };
    const { accessToken, grantId } = await connect(deployment, { owner, client, scope, proposal });
    const other = await connect(deployment, { owner });

    const walk = await beginWalk(walks(), owner);
    const { page, open, press } = walk;
    const update = { grant_management_action: 'update', grant_id: grantId };
    await open((await client.beginAuthorization(undefined, { max_requests: 9 }, update)).url.href);
    await page.getByText('9 requests in total').first().waitFor();
    await page.getByRole('button', { name: /^Allow/ }).click();
    await page.waitForURL(`${home.origin}/callback?code=**`);

    await open('/account/apps');
    await page.getByRole('link', { name: 'Recipe Helper' }).click();
    await page.getByText('of 9 used').first().waitFor();
    await expectFinished(page);
    await page.getByRole('button', { name: 'Change limits' }).click();
    await page.getByLabel('GPT-4o (OpenAI)').setChecked(false);
    await press('Save', 'Saved. Applies from the next request.');
    const chat = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello?' }] };
    expect((await chatOutcome(proxyUrl(), accessToken, chat)).status).toBe(403);

    await ageSignIns(walks());
    await open(`/account/grants/${grantId}/limits`);
    await page.locator('.lifetime .chip', { hasText: '30 days' }).click();
    await press('Save', 'Confirm it’s you to raise a limit or extend access.');
    expect(await page.getByLabel('30 days').isChecked()).toBe(true);
    await page.getByLabel('Password').fill(password);
    await press('Save', 'Saved. Applies from the next request.');

    await open('/account/apps');
    await page.getByRole('link', { name: 'Remove access for all apps' }).click();
    await page.getByText('2 apps can use your AI now').waitFor();
    await expectFinished(page);
    await press('Remove access for all apps now', 'Access removed. No app can use your AI now.');
    for (const token of [accessToken, other.accessToken]) expect(await chatStatus(proxyUrl(), token)).toBe(401);
    await open('/account/remove-all');
    await page.getByText('There is nothing to remove.').waitFor();
    await walk.end();
    await home.close();
  },
);

withChromium(
  'the warning about a missing spending limit and its checkbox are shown only while the form has no spending limit',
  async () => {
    const { deployment } = walks();
    const owner = await createOwner(deployment);
    const { grantId } = await connect(deployment, {
      owner,
      proposal: { max_cost_usd: '1', max_cost_usd_per_day: '0.5' },
    });
    const walk = await beginWalk(walks(), owner);
    const { page, open, press } = walk;
    const tick = page.getByLabel('I accept that there is no limit');
    await open(`/account/grants/${grantId}/limits`);
    expect(await tick.isVisible()).toBe(false);
    await page.getByText('More limits').click();
    await page.getByLabel('Daily spending limit').fill('');
    expect(await tick.isVisible()).toBe(false);
    await page.getByLabel('Total spending limit').fill('');
    expect(await tick.isVisible()).toBe(true);
    await press('Save', 'Confirm that there is no limit, or choose an amount.');
    await expectFinished(page);
    await tick.check();
    await press('Save', 'Saved. Applies from the next request.');
    await open(`/account/grants/${grantId}/limits`);
    expect(await tick.count()).toBe(0);
    await walk.end();
  },
);
