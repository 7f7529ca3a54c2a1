import { setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deriveAppId } from '../src/account/app-id.js';
import { de } from '../src/texts/de.js';
import { en } from '../src/texts/en.js';
import { Browser, readText } from './support/browser.js';
import { addClient, buildRequest, connect } from './support/client.js';
import { listPages } from './support/list-pages.js';
import { createOwner, getLastGrant, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const german = { 'accept-language': 'de-AT,de;q=0.9,en;q=0.8' };
const settings = '/account/settings';

it('shows pages and errors in the language of the browser, and in English if there is no such language', async () => {
  const browser = new Browser(server.issuer);
  const signInPage = await browser.request('/account/sign-in', { headers: german });
  expect(signInPage.text).toContain('<html lang="de">');
  expect(readText(signInPage.text)).toContain('Lassen Sie Apps Ihre KI nutzen, ohne Ihre API-Schlüssel weiterzugeben.');
  const nowhere = await browser.request('/nowhere', { headers: german });
  expect([nowhere.status, readText(nowhere.text)]).toEqual([404, expect.stringContaining('Seite nicht gefunden')]);
  const unknown = await browser.request('/authorize?client_id=nobody', { headers: german });
  expect(readText(unknown.text)).toContain('Wir kennen die App nicht');
  // the details are for developers, in English
  expect(readText(unknown.text)).toContain('Details für Entwickler (auf Englisch)');
  expect(unknown.text).toMatch(/<p lang="en"><code>invalid_client<\/code>: client_id is unknown/);
  const french = await browser.request('/account/sign-in', { headers: { 'accept-language': 'fr' } });
  expect(french.text).toContain('<html lang="en">');
});

it('errors in JSON are in English whatever the browser prefers', async () => {
  const browser = new Browser(server.issuer);
  const answer = await browser.request('/nowhere', { headers: { ...german, accept: 'application/json' } });
  expect(JSON.parse(answer.text)).toEqual({
    error: 'not_found',
    error_description: 'There is nothing at this URL.',
  });
});

it('an app may propose a language, but the language of the settings comes first', async () => {
  const owner = await createOwner(server);
  const client = await addClient(server);
  const open = async (ui_locales: string) =>
    readText((await owner.browser.open((await buildRequest(server, client, { ui_locales })).url)).text);
  expect(await open('fr de')).toContain('Test App möchte Ihr KI-Konto nutzen');
  expect(await open('fr')).toContain('Test App wants to use your AI account');
  const saved = await owner.browser.submit(await owner.browser.open(settings), `${settings}/language`, {
    language: 'de',
  });
  expect(readText(saved.text)).toContain('Gespeichert. Die Seiten erscheinen nun in dieser Sprache.');
  expect(await open('en')).toContain('Test App möchte Ihr KI-Konto nutzen');
  const again = await signIn(owner.browser, owner.email, 'wrong password');
  expect(readText(again.text)).toContain('E-Mail-Adresse oder Passwort ist falsch.');
  const back = await owner.browser.submit(await owner.browser.open(settings), `${settings}/language`, {
    language: '',
  });
  expect(back.text).toContain('<html lang="en">');
});

it('times have the format of the browser’s region, even in a language that the owner chose', async () => {
  const owner = await createOwner(server);
  const readTime = async (tags: string) => {
    const page = await owner.browser.request('/account/sessions', { headers: { 'accept-language': tags } });
    return /<time [^>]*title="[^"]*?(\d\d?:\d\d[^"]*)"/.exec(page.text)?.[1]?.replace(/\s/, ' ');
  };
  const withWord = expect.stringMatching(/^\d\d?:\d\d [AP]M$/);
  const with24Hours = expect.stringMatching(/^\d\d:\d\d$/);
  expect(await readTime('en-US,en;q=0.9')).toEqual(withWord);
  expect(await readTime('en-GB,en-US;q=0.9')).toEqual(with24Hours);
  expect(await readTime('sv-SE,en-US;q=0.8')).toEqual(with24Hours);
  await owner.browser.submit(await owner.browser.open(settings), `${settings}/language`, { language: 'en' });
  expect(await readTime('es-US,es;q=0.9')).toEqual(withWord);
  expect(await readTime('de-DE,de;q=0.9')).toEqual(with24Hours);
});

it('refuses a language that the pages do not have', async () => {
  const owner = await createOwner(server);
  for (const language of ['fr', 'de-AT', 'x'.repeat(40), '<b>']) {
    const page = await owner.browser.submit(await owner.browser.open(settings), `${settings}/language`, { language });
    expect([language, page.status, readText(page.text)]).toEqual([
      language,
      422,
      expect.stringContaining('Choose a language from the list.'),
    ]);
  }
});

it('the name of an app is never read as markup or as a part of a message', async () => {
  const owner = await createOwner(server);
  for (const name of ['<b>{email}</b>', "{app} '{'", '</link><script>', '<a href="https://evil.example">#</a>']) {
    const client = await addClient(server, { name });
    for (const ui_locales of ['en', 'de']) {
      const page = await owner.browser.open((await buildRequest(server, client, { ui_locales })).url);
      const heading = /<h1>(.*?)<\/h1>/s.exec(page.text)?.[1] ?? '';
      expect(heading.replace(/<\/?bdi>/g, '')).not.toContain('<');
      expect(readText(heading)).toContain(name);
    }
  }
});

it('no page in German contains an English sentence', async () => {
  const owner = await createOwner(server);
  await setOperator(server.db, owner.accountId, true);
  const client = await addClient(server, { registeredBy: 'registration' });
  await connect(server, owner.browser, client, {}, { max_cost_usd: '1', expires_in: '86400' });
  const grant = await getLastGrant(server, owner);
  await useGrant(server, grant, { cost: 400_000_000n, estimate: 500_000_000n });
  const sentences = Object.entries(en).filter(
    ([id, text]) => de[id as keyof typeof de] !== text && text.split(' ').length > 2,
  );
  // a text with arguments or tags is searched for by its longest part
  const parts = sentences.map(([, text]) => longestOf(text.split(/<[^>]+>|\{[^]*\}/)));
  const searched = parts.filter((part) => part.split(' ').length > 2);
  expect(searched.length).toBeGreaterThan(600);
  const parameters = { account_id: owner.accountId, app_id: deriveAppId(client.id), grant_id: grant.id };
  const pages = listPages({ ...parameters, client_id: client.id }).filter((address) => !address.startsWith('/docs/'));
  const found: string[] = [];
  for (const address of pages) {
    const { text, status } = await owner.browser.request(address, { headers: { 'accept-language': 'de' } });
    if (status !== 200) continue;
    const shown = readText(text);
    found.push(...searched.filter((part) => shown.includes(part)).map((part) => `${address}: ${part}`));
  }
  expect(pages.length).toBeGreaterThan(30);
  expect(found).toEqual([]);
});

const longestOf = (parts: readonly string[]) =>
  parts.reduce((longest, part) => (part.trim().length > longest.length ? part.trim() : longest), '');
