import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { chromiumPath } from './harness/browser.js';
import { ClientApp } from './harness/client-app.js';
import type { LaunchedStart } from './harness/launched-start.js';
import { listCode } from './harness/list-sources.js';
import { useBrowserStart, withChromium } from './harness/use-browser.js';
import { waitUntil } from './harness/wait-until.js';

/** These tests do what docs/user-guide.md says: they take each label that is in bold there from the guide. */
const guide = readFileSync(new URL('../../../../docs/user-guide.md', import.meta.url), 'utf8');

/** The words in bold of a section, in order: labels of buttons, links and headings. */
function quotesOf(section: string): readonly string[] {
  const text = guide.split(/^## /m).find((one) => one.startsWith(`${section}\n`));
  if (text === undefined) throw new Error(`the guide has no section "${section}"`);
  return [...text.matchAll(/\*\*([^*]+)\*\*/g)].map(([, words = '']) => words.replaceAll('\n', ' '));
}

/** Names the words in bold. The test fails if the section has more or fewer of them than the test follows. */
function read<const Names extends readonly string[]>(
  section: string,
  names: Names,
): Readonly<Record<Names[number], string>> {
  const quotes = quotesOf(section);
  expect(quotes).toHaveLength(names.length);
  return Object.fromEntries(names.map((name, index) => [name, quotes[index]])) as Record<Names[number], string>;
}

const started = useBrowserStart();

let start: LaunchedStart;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  start = started().start;
  context = await started().browser.newContext({ viewport: { width: 390, height: 844 } });
  page = await context.newPage();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const link = (name: string) => page.getByRole('link', { name, exact: true });

withChromium('the guide’s way to let an app spend 2 US$ for a day works as it is written', async () => {
  const words = read('Let an app spend 2 US$ for a day', [
    'connect',
    'createAccount',
    'deny',
    'notVerified',
    'spending',
    'twoDollars',
    'otherAmount',
    'lifetime',
    'change',
    'allow',
  ]);
  await page.goto(start.demoAppUrl);
  await button(words.connect).click();
  await page.waitForURL(`${start.issuer}/account/sign-in**`);
  await button(words.createAccount).click();
  await page.getByLabel('Email').fill('reader@example.org');
  await page.getByLabel('Password').fill('correct horse battery staple');
  await button('Create account').click();
  await page.waitForURL(`${start.issuer}/interaction/**`);

  await button(words.deny).waitFor();
  const spending = page.getByRole('group', { name: words.spending });
  const offersTwo = (await spending.getByText(words.twoDollars, { exact: true }).count()) > 0;
  await spending.getByText(offersTwo ? words.twoDollars : words.otherAmount, { exact: true }).click();
  if (!offersTwo) await spending.getByRole('textbox').fill('2');
  await page.getByRole('group', { name: words.lifetime }).getByText('1 day', { exact: true }).click();
  await page.getByText(words.change, { exact: true }).click();
  await page.getByRole('group', { name: 'Models it can use' }).waitFor();
  await page.locator('#summary').getByText('spend at most $2.00 until tomorrow').waitFor();
  await button(words.allow).click();
  await page.waitForURL(`${start.demoAppUrl}/chat`);

  const stranger = await ClientApp.register(start);
  const other = await context.newPage();
  await other.goto((await stranger.beginAuthorization('model:gpt-4o-mini cap:chat')).url.href);
  await other.getByText(words.notVerified).waitFor();
  await other.close();
});

withChromium('the guide’s way to see what an app did works as it is written', async () => {
  const words = read('See what an app did', ['apps', 'overview']);
  await page.getByLabel('Your question').fill('What is the capital of France?');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('no AI provider was asked').waitFor();
  // shown when the answer is complete
  await page.getByText('99 of 100').waitFor();

  await page.goto(`${start.issuer}/account`);
  await link(words.apps).click();
  await page.getByRole('heading', { name: words.apps, level: 1 }).waitFor();
  const entry = page.getByRole('listitem').filter({ has: link('Demo Chat') });
  await entry.getByText('of $2.00').waitFor();
  await entry.getByText('Access ends').waitFor();
  await link('Demo Chat').click();
  await waitUntil(async () => {
    await page.reload();
    return (await page.locator('.usage tbody tr').filter({ hasText: 'Answered' }).count()) === 1;
  }, 'the settled request on the page of the app');
  await page.goto(`${start.issuer}/account/apps`);
  await link(words.overview).click();
  await page.getByRole('heading', { name: words.overview, level: 1 }).waitFor();
});

withChromium(
  'the guide’s ways to connect an app again and to change what it can use work as they are written',
  async () => {
    const again = read('Connect an app again', ['replace', 'allow', 'add']);
    // without the app's cookies, as on another device
    await context.clearCookies({ domain: '127.0.0.1' });
    await page.goto(start.demoAppUrl);
    await button('Connect your AI').click();
    await page.getByText(/^You already allow this app: less than \$0.01 of \$2.00, .*until tomorrow/).waitFor();
    const spending = page.getByRole('group', { name: 'How much it can spend' });
    expect(await spending.getByRole('radio', { name: '$2', exact: true }).isChecked()).toBe(true);
    expect(await page.getByLabel('1 day', { exact: true }).isChecked()).toBe(true);
    await page.getByText(again.add, { exact: true }).click();
    await page.getByText('The app can then spend both amounts.').waitFor();
    await page.getByText(again.replace, { exact: true }).click();
    await page.locator('#summary').getByText('spend at most $2.00 until tomorrow').waitFor();
    await page.getByRole('button', { name: again.allow }).click();
    await page.waitForURL(`${start.demoAppUrl}/chat`);

    const change = read('Change what an app can use', ['apps', 'settings']);
    await page.goto(`${start.issuer}/account`);
    await link(change.apps).click();
    await link('Demo Chat').click();
    await button('Change limits').click();
    await page.getByLabel('Total spending limit').fill('1.50');
    await page.getByText('7 days', { exact: true }).click();
    await page.locator('#models').getByRole('checkbox').last().uncheck();
    await button('Save').click();
    await page.getByText('Saved. Applies from the next request.').waitFor();
    await page.getByText('of $1.50 used').waitFor();
    await link(change.settings).first().click();
    await page.getByLabel('Monthly spending limit').waitFor();
  },
);

withChromium('the guide’s way to add, name and test an API key works as it is written', async () => {
  const words = read('API keys', ['keys', 'addKey', 'test', 'addDuringRequest']);
  await page.goto(`${start.issuer}/account`);
  await link(words.keys).click();
  await page.getByText('Where to get a key').waitFor();
  await page.getByLabel('AI provider').selectOption('openai');
  await page.getByLabel('API key', { exact: true }).fill('sk-proj-0123456789abcdef0123456789abcd');
  await page.getByLabel('Name (optional)').fill('My key');
  await button(words.addKey).click();
  await page.getByText('Key saved').waitFor();
  await page.getByText('abcd added').waitFor();
  await button(words.test).click();
  await page.getByText(/^Test \(.*OpenAI/).waitFor();
  await button('Delete').click();
  await button('Delete key').click();
  await page.getByText('Key deleted here.').waitFor();
});

withChromium('the guide’s ways to remove an app’s access work as they are written', async () => {
  const words = read("Remove an app's access", ['apps', 'remove', 'appsAgain', 'removeAll']);
  const chat = await context.newPage();
  await chat.goto(`${start.demoAppUrl}/chat`);
  await chat.getByLabel('Your question').waitFor();
  await page.goto(`${start.issuer}/account`);
  await link(words.appsAgain).click();
  await link(words.removeAll).click();
  await page.getByRole('heading', { name: words.removeAll, level: 1 }).waitFor();
  await link(words.apps).first().click();
  await link('Demo Chat').click();
  await button(words.remove).click();
  await page.getByText('Access removed.').waitFor();

  await chat.getByLabel('Your question').fill('Are you still there?');
  await chat.getByRole('button', { name: 'Send' }).click();
  await chat.getByText('This app no longer has access to your AI.').waitFor();
});

withChromium(
  'the guide’s way back after a forgotten password works as it is written, and every page has a link to the help',
  async () => {
    const words = read('If you forget your password', [
      'settings',
      'security',
      'codes',
      'signIn',
      'forgotten',
      'settingsAgain',
      'securityAgain',
    ]);
    await page.goto(`${start.issuer}/account`);
    await link(words.settings).click();
    await link(words.security).click();
    await page.getByRole('listitem').filter({ hasText: words.codes }).getByRole('link').click();
    await page.getByRole('heading', { name: words.codes, level: 1 }).waitFor();
    await button('Create recovery codes').click();
    const [code = ''] = await page.locator('.recovery-codes code').allTextContents();
    await button('Sign out').click();
    await page.getByRole('heading', { name: words.signIn, level: 1 }).waitFor();
    await button(words.forgotten).click();
    await page.getByText('We can send you a link').waitFor();
    const form = page.locator('form').filter({ has: page.getByLabel('Recovery code') });
    await form.getByLabel('Email').fill('reader@example.org');
    await form.getByLabel('Recovery code').fill(code);
    await form.getByLabel('New password').fill('another correct horse battery');
    await button('Set new password').click();
    await page.getByText('Password changed.').waitFor();

    const { help } = read('Help', ['help']);
    await link(help).click();
    await page.getByRole('heading', { name: help, level: 1 }).waitFor();
    await page.getByText('runs this server').first().waitFor();
  },
);

/** The places of texts: between quotation marks, in an element or tag, or in a branch of a plural. */
const places = [/'([^'\n]+)'/g, />\s*([^<>{}]+?)\s*</g, /\{([^{},]+)\}/g];

/** The texts of the TypeScript files of a folder. */
function listTexts(folder: string): readonly string[] {
  const code = listCode(folder)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  return places.flatMap((place) => [...code.matchAll(place)].map(([, text = '']) => text));
}

/** @returns undefined for a text of arguments only. An argument matches any words. */
function toPattern(text: string): RegExp | undefined {
  const pattern = text.replaceAll(/\{[^{}]*\}/g, '\0');
  // arguments are nested
  if (pattern !== text) return toPattern(pattern);
  if (!/[a-z]/i.test(pattern)) return undefined;
  return new RegExp(`^${pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\0', '.+')}$`);
}

it('each word in bold in the guide is an amount, or occurs on a page or in the demo app', () => {
  const texts = ['authorization-server/src/texts/en', 'demo-app/src/pages'].flatMap(listTexts).map(toPattern);
  const bold = [...guide.matchAll(/\*\*([^*]+)\*\*/g)].map(([, words = '']) => words.replaceAll('\n', ' '));
  const labels = bold.filter((words) => !/^\$\d+$/.test(words));
  expect(labels.length).toBeGreaterThan(20);
  expect(labels.filter((label) => !texts.some((text) => text?.test(label)))).toEqual([]);
});

it('each picture of the guide is in docs/images', () => {
  const pictures = [...guide.matchAll(/!\[[^\]]+\]\(images\/([\w-]+\.png)\)/g)].map(([, file = '']) => file);
  expect(pictures.length).toBeGreaterThan(3);
  const present = readdirSync(new URL('../../../../docs/images', import.meta.url));
  expect(pictures.filter((file) => !present.includes(file))).toEqual([]);
});
