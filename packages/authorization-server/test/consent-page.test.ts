import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { addClient, buildRequest, type TestClient } from './support/client.js';
import { encodeForm, type FormFields } from './support/http.js';
import { createOwner, getLastGrant, noSpendingLimit, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  client = await addClient(server, { name: 'Recipe Helper' });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
});

const details = (members: object) => ({ authorization_details: JSON.stringify([{ type: 'ai_access', ...members }]) });
const scope = 'model:gpt-4o-mini cap:chat';

async function openConsent(parameters: Readonly<Record<string, string>> = {}, of = client): Promise<Page> {
  const request = await buildRequest(server, of, { prompt: 'consent', scope, ...parameters });
  return owner.browser.open(request.url);
}

const actionOf = ({ url }: Page) => `${url.pathname.replace(/\/(consent|summary)$/, '')}/consent`;
const formOf = (page: Page) => readForm(page.text, actionOf(page));

/** Sends the form, as a browser without scripts does. */
async function press(page: Page, fields: FormFields): Promise<Page> {
  return owner.browser.submit(page, actionOf(page), { decision: 'allow', ...fields }, { hasScript: false });
}

async function countGrants(): Promise<number> {
  const grants = server.db.selectFrom('grants').select('id').where('account_id', '=', owner.accountId);
  return (await grants.execute()).length;
}

/** All days derive from this instant, even if midnight passes during a test. */
const startedAt = Date.now();
const inDays = (days: number) => new Date(startedAt + days * 86_400_000).toISOString().slice(0, 10);
const sentenceOf = (page: Page) => / (\S+ Helper can [^.]*\.\d\d [^.]*)\./.exec(readText(page.text))?.[1];

// The ids at the beginning of titles are rows of docs/security.md.
it('C5: one sentence says what is allowed: the models, the money and the end', async () => {
  const text = readText((await openConsent(details({ max_cost_usd: 1, expires_in: 86_400 }))).text);
  expect(text).toMatch(
    /Recipe Helper can chat with GPT-4o mini and spend at most \$1\.00 until tomorrow, \d\d:\d\d( UTC)?\./,
  );
  expect(text).toContain('Allow up to $1.00');
  const many = readText((await openConsent({ scope: 'model:gpt-4o model:openai/* cap:chat cap:images' })).text);
  expect(many).toContain('can use all OpenAI models and GPT-4o to chat and generate images and spend at most $5.00');
});

it('C5: without a script, changed choices are shown in a new sentence before they are granted', async () => {
  const page = await openConsent();
  const again = await press(page, { max_cost_usd: '1.00', expires_in: '86400' });
  expect(again.status).toBe(422);
  expect(readText(again.text)).toContain('Check the summary, then allow.');
  expect(sentenceOf(again)).toContain('spend at most $1.00 until tomorrow');
  expect(await countGrants()).toBe(0);
  const back = await press(again, {});
  expect(back.url.searchParams.has('code')).toBe(true);
  expect(await getLastGrant(server, owner)).toMatchObject({ max_cost: 1_000_000_000n });
});

it('C5: when the page’s script asks for a new summary, the answer has the sentence about the choices, the label of the Allow button and the hash of the choices; it grants nothing', async () => {
  const page = await openConsent();
  const fields = { ...formOf(page), max_cost_usd: '20.00' };
  const send = async (change: FormFields, url = page.url.origin) => {
    const action = `${url}${page.url.pathname}/summary`;
    const headers = { host: page.url.host };
    return owner.browser.request(action, { method: 'POST', body: encodeForm({ ...fields, ...change }), headers });
  };
  const answer = await send({}, server.urls[1]);
  expect(answer.status).toBe(200);
  const text = readText(answer.text);
  expect(text).toContain('spend at most $20.00');
  expect(text).toContain('Allow up to $20.00');
  expect(text).toContain('Enough for about 70,000 short chats with GPT-4o mini.');
  expect(await countGrants()).toBe(0);
  const [, summary = ''] = /name="summary" value="([^"]+)"/.exec(answer.text) ?? [];
  const [, shownAt = ''] = /name="shown_at" value="(\d+)"/.exec(answer.text) ?? [];
  // The hash is accepted only with the choices and the time that it was made for.
  expect((await press(page, { max_cost_usd: '1.00', summary, shown_at: shownAt })).status).toBe(422);
  expect((await press(page, { max_cost_usd: '20.00', summary, shown_at: String(Number(shownAt) + 1) })).status).toBe(
    422,
  );
  const back = await press(page, { max_cost_usd: '20.00', summary, shown_at: shownAt });
  expect(back.url.searchParams.has('code')).toBe(true);
  expect(await getLastGrant(server, owner)).toMatchObject({ max_cost: 20_000_000_000n });
});

it('C4: a request of the page’s script for a new summary needs the owner’s session, the form token and this server’s origin', async () => {
  const page = await openConsent();
  const path = `${page.url.pathname}/summary`;
  const body = encodeForm(formOf(page));
  const status = async (headers: Record<string, string>, changed = body) =>
    (await owner.browser.request(path, { method: 'POST', body: changed, headers })).status;
  expect(await status({})).toBe(200);
  expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await status({ origin: 'https://evil.example' })).toBe(403);
  expect(await status({}, encodeForm({ ...formOf(page), csrf_token: 'x'.repeat(43) }))).toBe(403);
  const stranger = await createOwner(server);
  expect((await stranger.browser.request(path, { method: 'POST', body })).status).toBe(400);
});

it('the Enter key neither allows nor denies: the first button only shows the page again', async () => {
  const page = await openConsent();
  const buttons = [...page.text.matchAll(/<button type="submit" name="decision" value="(\w+)"/g)].map(
    ([, value]) => value,
  );
  expect(buttons).toEqual(['update', 'deny', 'allow']);
  const again = await press(page, { decision: 'update', max_cost_usd: 'other', other_max_cost_usd: '0,20' });
  expect(again.status).toBe(200);
  expect(sentenceOf(again)).toContain('spend at most $0.20');
  expect(formOf(again)).toMatchObject({ max_cost_usd: 'other', other_max_cost_usd: '0.20' });
  expect(await countGrants()).toBe(0);
});

it('without a proposal of the app, five dollars are filled in; no amount exceeds what the app proposes', async () => {
  const amounts = async (members: object) => {
    const page = await openConsent(details(members));
    const offered = [...page.text.matchAll(/type="radio" name="max_cost_usd" value(?:="([^"]+)")?/g)].map(
      ([, value = 'none']) => value,
    );
    return [formOf(page)['max_cost_usd'], offered.join(' ')];
  };
  expect(await amounts({})).toEqual(['5.00', '1.00 5.00 20.00 other none']);
  expect(await amounts({ max_cost_usd: 500 })).toEqual(['5.00', '1.00 5.00 20.00 other']);
  expect(await amounts({ max_cost_usd: 2.5 })).toEqual(['2.50', '1.00 2.50 other']);
  expect(await amounts({ max_cost_usd: 10 })).toEqual(['5.00', '1.00 5.00 10.00 other']);
  expect(await amounts({ max_cost_usd: 0.4 })).toEqual(['0.40', '0.40 other']);
  expect(readText((await openConsent(details({ max_cost_usd: 500 }))).text)).toContain('The app asks for $500.00.');
});

it('access without a spending limit requires a separate tick', async () => {
  const page = await openConsent();
  const again = await press(page, { max_cost_usd: '' });
  expect(again.status).toBe(422);
  expect(readText(again.text)).toContain('Confirm that there is no limit, or choose an amount.');
  const check = await press(again, noSpendingLimit);
  expect(readText(check.text)).toContain('can chat with GPT-4o mini and spend without a limit until');
  expect(readText(check.text)).toContain('Allow without a limit');
  expect((await press(check, {})).url.searchParams.has('code')).toBe(true);
  expect(await getLastGrant(server, owner)).toMatchObject({ max_cost: null });
});

it.each([
  ['are selected as the page showed them', {}],
  ['are selected by the owner', { max_cost_usd: '1.00', expires_in: '86400' }],
])(
  'if an amount and a date are typed while other choices %s, the owner is asked which ones count',
  async (_, others) => {
    const page = await openConsent();
    const asked = await press(page, { other_max_cost_usd: '3', expires_on: inDays(1), ...others });
    expect(asked.status).toBe(422);
    expect(readText(asked.text)).toContain('You entered an amount and also selected another choice. Choose one.');
    expect(readText(asked.text)).toContain('You entered a date and also selected another end. Choose one.');
    for (const id of ['spending', 'lifetime']) expect(asked.text).toContain(`href="#${id}"`);
    const { max_cost_usd: amount, expires_in: end, ...typed } = formOf(asked);
    expect([amount, end]).toEqual([undefined, undefined]);
    expect(typed).toMatchObject({ other_max_cost_usd: '3', expires_on: inDays(1) });
    const still = await press(asked, {});
    expect([still.status, readText(still.text)]).toEqual([422, expect.stringContaining('Choose how much')]);
    const selected = await press(asked, { max_cost_usd: '1.00', expires_in: '86400' });
    expect(sentenceOf(selected)).toMatch(/spend at most \$1\.00 until (today|tomorrow), /);
    const check = await press(asked, { max_cost_usd: 'other', expires_in: 'date' });
    expect(sentenceOf(check)).toMatch(/spend at most \$3\.00 until the end of (today|tomorrow)$/);
    await press(check, {});
    const grant = await getLastGrant(server, owner);
    expect(grant).toMatchObject({ max_cost: 3_000_000_000n });
    expect(grant.expires_at.getTime()).toBe(Date.parse(inDays(2)));
  },
);

it('the sentence leaves out what the chosen models cannot do, and the page lists it as not working', async () => {
  const page = await openConsent({ scope: 'model:gpt-4o-mini model:text-embedding-3-small cap:chat cap:images' });
  expect(sentenceOf(page)).toMatch(/^Recipe Helper can chat with GPT-4o mini and spend/);
  expect(readText(page.text)).toContain(
    'Doesn’t work with this selection: text-embedding-3-small and generate images.',
  );
  const more = await openConsent({ scope: 'model:gpt-4o-mini model:gpt-image-1 cap:chat cap:images' });
  expect(sentenceOf(more)).toContain('can use GPT-4o mini and gpt-image-1 to chat and generate images and spend');
  expect(readText(more.text)).not.toContain('Doesn’t work');
  const fewer = await press(more, { decision: 'update', scope: ['model:gpt-4o-mini', 'cap:chat', 'cap:images'] });
  expect(sentenceOf(fewer)).toMatch(/^Recipe Helper can chat with GPT-4o mini and spend/);
  expect(readText(fewer.text)).toContain('Doesn’t work with this selection: generate images.');
  const nothing = readText((await openConsent({ scope: 'model:gpt-4o-mini cap:images' })).text);
  expect(nothing).toContain('Recipe Helper can’t do anything with this selection');
});

it('while nothing is ticked, the button says what to select first, and pressing it names the fields', async () => {
  const page = await openConsent();
  const again = await press(page, { scope: [] });
  expect(again.status).toBe(422);
  for (const [id, problem] of [
    ['models', 'Select at least one model, or choose Deny.'],
    ['capabilities', 'Select at least one permission, or choose Deny.'],
  ]) {
    expect(again.text).toContain(`<a href="#${id}">${problem}</a>`);
    expect(again.text).toContain(`id="${id}-problem"`);
  }
  const label = ({ text }: Page) => /data-live="allow">([^<]*)</.exec(text)?.[1];
  expect(label(again)).toBe('Select a model first');
  expect(label(await press(page, { scope: ['model:gpt-4o-mini'] }))).toBe('Select a permission first');
  expect(await countGrants()).toBe(0);
});

it('says everything that is wrong at once, each beside its field', async () => {
  const page = await openConsent(details({ max_requests: 10 }));
  const again = await press(page, {
    scope: ['cap:chat'],
    max_cost_usd: 'other',
    other_max_cost_usd: 'five',
    max_requests: '11',
    max_streams: 'many',
    expires_in: 'date',
    expires_on: '2020-01-01',
  });
  expect(again.status).toBe(422);
  for (const id of ['models', 'other_max_cost_usd', 'max_requests', 'max_streams', 'expires_on']) {
    expect(again.text).toContain(`href="#${id}"`);
    expect(again.text).toContain(`id="${id}"`);
    expect(again.text).toContain(`id="${id}-problem"`);
  }
});

it('a lifetime begins when it was shown, so a page that stays open for a long time does not prolong the access', async () => {
  const page = await openConsent();
  server.advanceClock(50 * 60);
  await press(page, {});
  server.advanceClock(-50 * 60);
  const left = (await getLastGrant(server, owner)).expires_at.getTime() - Date.now();
  expect(left).toBeLessThanOrEqual(3_600_000);
  expect(left).toBeGreaterThan(3_500_000);
  const late = await openConsent();
  server.advanceClock(2 * 3_600);
  const over = await press(late, {});
  server.advanceClock(-2 * 3_600);
  expect(over.status).toBe(422);
});

it('C1, C3: the heading names the host of an app that registered itself; its own name comes second, with a badge', async () => {
  const unverified = await addClient(server, { name: 'OpenAI Official Support', registeredBy: 'registration' });
  const page = await openConsent({}, unverified);
  expect(page.text).toMatch(/<h1><bdi>app\.example<\/bdi> wants to use your AI account<\/h1>/);
  const text = readText(page.text);
  expect(text).toContain('Not verified by this server It calls itself “ OpenAI Official Support ”.');
  expect(text).toContain('app.example can chat with');
  const local = await addClient(server, {
    name: 'Editor',
    registeredBy: 'registration',
    redirectUris: ['http://127.0.0.1:46575/callback'],
  });
  const localText = readText((await openConsent({}, local)).text);
  expect(localText).toContain('An app on your computer wants to use your AI account');
  expect(localText).not.toContain('46575');
  expect(readText((await openConsent()).text)).toContain('Verified by this server’s operator');
});

it('C1: the page for signing in names the host of an app that registered itself, and the name of a verified one', async () => {
  const readSignIn = async (options: Parameters<typeof addClient>[1]) => {
    const { url } = await buildRequest(server, await addClient(server, options));
    return readText((await new Browser(server.issuer).open(url)).text);
  };
  const name = 'OpenAI Official Support';
  const unverified = await readSignIn({ name, registeredBy: 'registration' });
  expect(unverified).toContain('Sign in to review the request from app.example');
  expect(unverified).not.toContain('OpenAI');
  const redirectUris = ['http://127.0.0.1:46575/callback'];
  expect(await readSignIn({ name, registeredBy: 'registration', redirectUris })).not.toContain('OpenAI');
  expect(await readSignIn({ name: 'Recipe Helper' })).toContain('Sign in to review the request from Recipe Helper');
});

it('says what the money is enough for: chats, or for an app without chat, pictures, speech, transcription and pages of text', async () => {
  const models = ['gpt-image-1', 'gpt-image-1-mini', 'tts-1', 'whisper-1', 'text-embedding-3-small'];
  const media = `${models.map((model) => `model:${model}`).join(' ')} cap:images cap:audio cap:embeddings`;
  const page = await openConsent({ scope: media, ...details({ max_cost_usd: 5 }) });
  expect(readText(page.text)).toContain(
    [
      'Enough for about 90 pictures with gpt-image-1, or 400 with gpt-image-1-mini.',
      'Or enough for about 800 minutes of transcription with whisper-1.',
      'Or enough for about 300 minutes of speech with tts-1.',
      'Or enough for about 500,000 pages of text with text-embedding-3-small.',
    ].join(' '),
  );
  expect(page.text).toContain('title="A picture has 1,300 tokens of output');
  expect(readText(page.text)).not.toContain('short chat');
  const cheap = 'model:gpt-image-1 model:whisper-1 cap:images cap:audio';
  const little = await openConsent({ scope: cheap, ...details({ max_cost_usd: 0.01 }) });
  expect(readText(little.text)).toContain(
    'Enough for about 1 minute of transcription with whisper-1. Not enough for a picture with gpt-image-1.',
  );
  const chatting = await openConsent({
    scope: `${scope} model:gpt-image-1 cap:images`,
    ...details({ max_cost_usd: 5 }),
  });
  expect(readText(chatting.text)).toContain('short chats with GPT-4o mini.');
  expect(readText(chatting.text)).not.toContain('pictures with');
});

it('says what the money of a month or a day is enough for if there is no total limit', async () => {
  const page = await openConsent();
  const monthly = await press(page, { ...noSpendingLimit, max_cost_usd_per_month: '20' });
  expect(readText(monthly.text)).toContain('Enough for about 70,000 short chats a month with GPT-4o mini.');
  const daily = await press(page, { ...noSpendingLimit, max_cost_usd_per_month: '20', max_cost_usd_per_day: '0.10' });
  expect(readText(daily.text)).toContain('Enough for about 300 short chats a day with GPT-4o mini.');
  const unlimited = await press(page, noSpendingLimit);
  expect(readText(unlimited.text)).not.toContain('short chat');
  await owner.browser.submit(await owner.browser.open('/account/settings'), '/account/settings/language', {
    language: 'de',
  });
  const german = await press(await openConsent(), { ...noSpendingLimit, max_cost_usd_per_day: '0.10' });
  expect(readText(german.text)).toContain('Genug für etwa 300 kurze Chats am Tag mit GPT-4o mini.');
});

it('warns of wildcards, expensive models, wide requests, much money and long access', async () => {
  const all = 'cap:chat cap:embeddings cap:images cap:audio cap:code cap:files cap:tools.web';
  const page = await openConsent({
    scope: `model:openai/* model:o1-pro ${all}`,
    ...details({ max_cost_usd: 500, expires_in: 365 * 86_400 }),
  });
  const again = await press(page, {
    max_cost_usd: 'other',
    other_max_cost_usd: '20.01',
    expires_in: String(365 * 86_400),
  });
  const text = readText(again.text);
  for (const warning of [
    'All OpenAI models: the most expensive ones too, and any added later.',
    'o1-pro is expensive: a short chat costs about $0.',
    'The app can do everything an app can do here.',
    'This is more than $20.00.',
    'Access for more than 90 days.',
  ])
    expect(text).toContain(warning);
  const plain = readText((await openConsent()).text);
  expect(plain).not.toMatch(/expensive|everything|more than/);
});

it.each([
  ['model:google/gemini-3-pro-image cap:images', 'Gemini 3 Pro Image is expensive: a picture costs about $0.16.'],
  ['model:openai/tts-1-hd cap:audio', 'tts-1-hd is expensive: a minute of speech costs about $0.03.'],
])('warns of an expensive model for another purpose than chat: %s', async (scope, warning) => {
  expect(readText((await openConsent({ scope })).text)).toContain(warning);
  const cheap = { scope: 'model:openai/gpt-image-1-mini model:openai/whisper-1 cap:images cap:audio' };
  expect(readText((await openConsent(cheap)).text)).not.toContain('expensive');
});

it('at most 30 days are filled in for an owner without a default, and the page says what the app asks for', async () => {
  const page = await openConsent(details({ expires_in: 365 * 86_400 }));
  expect(formOf(page)['expires_in']).toBe('2592000');
  expect(readText(page.text)).toContain('The app asks for 365 days.');
  const chosen = await press(page, { decision: 'update', expires_in: String(365 * 86_400) });
  expect(readText(chosen.text)).not.toContain('The app asks for 365 days.');
  expect(readText((await openConsent(details({ expires_in: 86_400 }))).text)).not.toContain('The app asks for 1 day');
});

it('warns if every model is ticked', async () => {
  const page = await openConsent({ scope: 'cap:embeddings' });
  const names = [...page.text.matchAll(/name="scope" value="(model:[^"*]+)"/g)].map(([, name = '']) => name);
  const again = await press(page, { decision: 'update', scope: ['cap:embeddings', ...names] });
  expect(readText(again.text)).toContain(`All ${names.length} models are selected`);
});

it('if the owner wishes, the amount and the lifetime are filled in for other apps', async () => {
  const check = await press(await openConsent(), {
    max_cost_usd: 'other',
    other_max_cost_usd: '3',
    expires_in: '604800',
    remember: 'on',
  });
  await press(check, {});
  const next = formOf(await openConsent({}, await addClient(server)));
  expect(next).toMatchObject({ max_cost_usd: '3.00', expires_in: '604800' });
  const asked = formOf(await openConsent(details({ max_cost_usd: 2, expires_in: 7_200 })));
  expect(asked).toMatchObject({ max_cost_usd: '2.00', expires_in: '7200' });
});

it('in German, amounts are shown with a comma, and the form accepts them with a comma', async () => {
  const request = await buildRequest(server, client, {
    prompt: 'consent',
    scope,
    ui_locales: 'de',
    ...details({ max_cost_usd_per_day: 0.25 }),
  });
  const page = await owner.browser.open(request.url);
  expect(formOf(page)).toMatchObject({ max_cost_usd_per_day: '0,25' });
  const text = readText(page.text).replaceAll('\u{a0}', ' ');
  // an hour from now is tomorrow if the test runs late in the day
  expect(text).toMatch(
    /Recipe Helper kann mit GPT-4o mini chatten und höchstens 5,00 \$, 0,25 \$ am Tag ausgeben, bis (heute|morgen), \d\d:\d\d\./,
  );
  const check = await press(page, { max_cost_usd: 'other', other_max_cost_usd: '1,25' });
  expect(formOf(check)).toMatchObject({
    max_cost_usd: 'other',
    other_max_cost_usd: '1,25',
    max_cost_usd_per_day: '0,25',
  });
  await press(check, {});
  expect(await getLastGrant(server, owner)).toMatchObject({ max_cost: 1_250_000_000n, max_cost_per_day: 250_000_000n });
});

it('a form of the previous release, which has no summary, is granted without another page', async () => {
  const page = await openConsent();
  const { summary: _, shown_at: __, other_max_cost_usd: ___, ...old } = formOf(page);
  const fields = Object.entries(old).filter(([name]) => !name.startsWith('shown_'));
  const body = encodeForm({ ...Object.fromEntries(fields), max_cost_usd: '2', decision: 'allow' });
  const back = await owner.browser.request(actionOf(page), { method: 'POST', body });
  expect(back.status).toBe(303);
  expect(await getLastGrant(server, owner)).toMatchObject({ max_cost: 2_000_000_000n });
});
