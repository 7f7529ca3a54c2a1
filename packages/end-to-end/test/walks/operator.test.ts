import { insertOperatorLink } from '@aipassport/store/authorization';
import { expect } from '@jest/globals';
import OpenAI from 'openai';
import { chatOutcome, chatStatus, smallChat } from '../harness/chat.js';
import { ClientApp } from '../harness/client-app.js';
import { connect, createOwner } from '../harness/connect.js';
import { password } from '../harness/create-account.js';
import { expectFinished } from '../harness/expect-finished.js';
import { readLedger } from '../harness/read-ledger.js';
import { answerChat, streamForever } from '../harness/recording-upstream.js';
import { withChromium } from '../harness/use-browser.js';
import { ageSignIns, beginOperatorWalk, beginWalk, useWalks, type Walk } from '../harness/use-walks.js';

const walks = useWalks();
/** What a token of gpt-4o-mini's output costs, in nano-US-dollars. */
const outputNanoUsd = 600;

/** Opens the confirmation page from the row with this text. */
async function choose({ page }: Walk, row: string, link: string): Promise<void> {
  await page.getByRole('row', { name: row }).getByRole('link', { name: link }).click();
  await page.waitForURL('**/operator/change**');
}

withChromium('an owner becomes an operator with a link that works once, after the password', async () => {
  const { deployment } = walks();
  await ageSignIns(walks());
  const code = await insertOperatorLink(deployment.db, { isForFirst: false, expiresInSeconds: 3_600 });
  const owner = await createOwner(deployment);
  await ageSignIns(walks());
  const walk = await beginWalk(walks(), owner);
  await walk.open(`/operator/claim?code=${code}`);
  await walk.press('Become an operator', 'Confirm it’s you to become an operator.');
  await walk.page.getByLabel('Password').fill(password);
  await walk.press('Become an operator', 'This server can answer requests.');
  await walk.end();
  const second = await beginWalk(walks(), await createOwner(deployment));
  await second.open(`/operator/claim?code=${code}`);
  await second.page.getByText('It has expired or was used already.').waitFor();
  await second.end();
});

withChromium('an operator approves an app, sets caps, and disables and enables an account', async () => {
  const { deployment } = walks();
  const client = await ClientApp.register(deployment, { name: 'Travel Planner' });
  const { owner, accessToken } = await connect(deployment, { client });
  const operator = await createOwner(deployment);
  const walk = await beginOperatorWalk(walks(), operator);
  const { page, open, press } = walk;

  await open(`/operator/clients?search=${client.clientId}`);
  await choose(walk, 'Travel Planner', 'Approve app');
  await press('Approve app', 'Saved. The change applies from now on.');
  await open(`/operator/clients?search=${client.clientId}`);
  await page.getByText('Approved').first().waitFor();

  await open('/operator/keys');
  await page.getByLabel('Each account, per month').fill('a lot');
  await press('Save caps', 'Enter an amount in US dollars');
  await page.getByLabel('Each account, per month').fill('0');
  await ageSignIns(walks());
  await press('Save caps', 'Confirm it’s you to make this change.');
  expect(await page.getByLabel('Each account, per month').inputValue()).toBe('0');
  await page.getByLabel('Password').fill(password);
  await press('Save caps', 'Saved. The change applies from now on.');
  expect((await chatOutcome(deployment.resourceProxyUrl, accessToken)).status).toBe(402);
  await page.getByLabel('Each account, per month').fill('');
  await ageSignIns(walks(), 61);
  await press('Save caps', 'What you entered is kept.');
  await press('Sign in again', 'Forgot your password or lost your passkey?');
  await page.getByLabel('Email').fill(operator.credentials.email);
  await page.getByLabel('Password').fill(password);
  await press('Sign in', 'You’ve signed in again. Check what you entered before you continue.');
  await press('Continue', 'Saved. The change applies from now on.');
  expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(200);

  await open(`/operator/accounts?search=${owner.credentials.email}`);
  await page.getByRole('link', { name: owner.credentials.email }).click();
  await page.getByRole('link', { name: 'Disable account' }).click();
  await press('Disable account', 'Saved. The change applies from now on.');
  expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(401);
  const visitor = await beginWalk(walks());
  await visitor.open('/account/sign-in');
  await visitor.page.getByLabel('Email').fill(owner.credentials.email);
  await visitor.page.getByLabel('Password').fill(owner.credentials.password);
  await visitor.press('Sign in', 'Wrong email or password.');
  await visitor.end();
  await page.getByRole('link', { name: 'Enable account' }).click();
  await press('Enable account', 'Saved. The change applies from now on.');
  await walk.end();
});

withChromium(
  'when an operator blocks an app, a stream of an SDK ends with an error within a second, and is charged for what arrived',
  async () => {
    const { deployment, upstream } = walks();
    const client = await ClientApp.register(deployment, { name: 'Endless Novel' });
    const { accessToken, grantId } = await connect(deployment, { client });
    const walk = await beginOperatorWalk(walks(), await createOwner(deployment));
    const { page, open } = walk;
    await open(`/operator/clients?search=${client.clientId}`);
    await choose(walk, 'Endless Novel', 'Block app');

    upstream.behaviour = streamForever(20);
    const openai = new OpenAI({
      apiKey: accessToken,
      baseURL: `${deployment.resourceProxyUrl}/openai/v1`,
      maxRetries: 0,
    });
    const begun = Promise.withResolvers<void>();
    let words = 0;
    const ended = (async () => {
      const stream = await openai.chat.completions.create({ ...smallChat, stream: true } as never);
      for await (const _chunk of stream as unknown as AsyncIterable<unknown>) {
        words += 1;
        begun.resolve();
      }
    })().then(
      () => 'a whole answer',
      (error: unknown) => error,
    );
    await begun.promise;
    const pressed = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: 'Block app' }).click();
    await pressed;
    const answeredAt = performance.now();
    expect(await ended).toBeInstanceOf(Error);
    expect(performance.now() - answeredAt).toBeLessThan(1_000);
    await page.getByText('Saved. The change applies from now on.').waitFor();

    const rows = await readLedger(deployment, grantId);
    expect(rows).toEqual([expect.objectContaining({ settlement: 'produced' })]);
    // What arrived, of at most 5 tokens a word, and what the provider wrote before it noticed the end.
    expect(Number(rows[0]?.cost)).toBeLessThan((words * 5 + 600) * outputNanoUsd);
    console.info(`${words} words arrived; charged: ${rows[0]?.cost} nano-US-dollars`);
    upstream.behaviour = answerChat;
    expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(401);
    await expect(connect(deployment, { client })).rejects.toThrow();
    await walk.end();
  },
  120_000,
);

withChromium(
  'an operator reads what this month cost: by AI provider, model, app and account, and month by month',
  async () => {
    const { deployment } = walks();
    const client = await ClientApp.register(deployment, { name: 'Sum Checker' });
    const { owner, accessToken, grantId } = await connect(deployment, { client });
    const walk = await beginOperatorWalk(walks(), await createOwner(deployment));
    const { page } = walk;
    for (let requests = 0; requests < 2; requests++)
      expect(await chatStatus(deployment.resourceProxyUrl, accessToken)).toBe(200);
    await readLedger(deployment, grantId, 2);

    const navigation = page.getByRole('navigation', { name: 'Operator' });
    const heading = page.getByRole('heading', { level: 1, name: /^Spending in / });
    await navigation.getByRole('link', { name: 'Spending', exact: true }).click();
    await heading.waitFor();
    await expectFinished(page);
    const month = await heading.innerText();
    await page.getByText(/ with your keys, for \d+ requests/).waitFor();
    await page.getByText('Show figures as tables').click();
    for (const row of ['Sum Checker', owner.credentials.email])
      expect(await page.getByRole('row', { name: row }).getByRole('cell').allInnerTexts()).toEqual(['2', '$0.0000039']);
    for (const row of ['OpenAI, with your key', 'GPT-4o mini (OpenAI)'])
      await page.getByRole('row', { name: row }).waitFor();

    const months = page.getByRole('navigation', { name: 'Other months' }).getByRole('link');
    await months.first().click();
    await page.getByText('No requests in this month.').waitFor();
    await expectFinished(page);
    await months.last().click();
    await page.getByRole('heading', { level: 1, name: month }).waitFor();
    await page.getByRole('link', { name: owner.credentials.email }).first().click();
    await page.getByRole('heading', { level: 1, name: owner.credentials.email }).waitFor();
    await walk.end();
  },
);
