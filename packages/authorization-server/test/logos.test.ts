import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { addClient, appPathOf, buildRequest, connect, redirectUri, type TestClient } from './support/client.js';
import { type DocumentHost, openCanary, openDocumentHost } from './support/document-host.js';
import { header, send } from './support/http.js';
import { createOwner, getLastGrant, type Owner } from './support/owner.js';
import { makePng, redPictures } from './support/pictures.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { addTerminal, beginDevice, openConsent as openDeviceConsent } from './support/terminal.js';

let host: DocumentHost;
let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  host = await openDocumentHost();
  const clientDocuments = { enabled: true, trustedHosts: [host.host] };
  server = await startTestServer({ replicas: 2, configuration: { clientDocuments } });
  owner = await createOwner(server);
});
afterAll(async () => {
  await server.close();
  await host.close();
});
beforeEach(() => server.db.deleteFrom('attempts').execute());

type Reply = (response: ServerResponse) => void;

const answerWith =
  (bytes: Buffer | string, headers: Readonly<Record<string, string>> = {}): Reply =>
  (response) =>
    void response.writeHead(200, { 'content-type': 'image/png', ...headers }).end(bytes);

let published = 0;
/** Publishes a logo. @returns its URL */
function publish(reply: Reply): URL {
  published += 1;
  return host.serve(`/logos/${published}.png`, (_request: unknown, response: ServerResponse) => reply(response));
}

const countFetches = ({ pathname }: URL) => host.fetched.filter((one) => one === pathname).length;

/** A client that the operator registered with this logo. */
const addWithLogo = (logo: URL | string) => addClient(server, { metadata: { logo_uri: String(logo) } });

const openConsent = async (client: TestClient) =>
  owner.browser.open((await buildRequest(server, client, { prompt: 'consent' })).url);

const findLogo = ({ text }: { readonly text: string }) => /<img class="logo" src="([^"]*)"/.exec(text)?.[1];

const findRow = ({ id }: TestClient) =>
  server.db.selectFrom('client_logos').selectAll().where('client_id', '=', id).executeTakeFirst();

/** Opens a page, or reads a row, again and again until the condition holds. */
async function until<Page>(open: () => Promise<Page>, isReached: (page: Page) => boolean): Promise<Page> {
  for (let round = 0; round < 100; round += 1) {
    const page = await open();
    if (isReached(page)) return page;
    await sleep(50);
  }
  throw new Error('not reached');
}

const openWithLogo = (client: TestClient) =>
  until(
    () => openConsent(client),
    (page) => findLogo(page) !== undefined,
  );

/** Opens the consent page, and waits until the fetch of the logo has ended, with or without success. */
async function openFetched(client: TestClient) {
  await openConsent(client);
  await until(
    () => findRow(client),
    (row) => row !== undefined && row.next_fetch_at.getTime() > Date.now() + 60_000,
  );
  return openConsent(client);
}

/** Makes the logo due, as if it had been fetched `days` days ago. */
const makeDue = ({ id }: TestClient, days = 1) =>
  server.db
    .updateTable('client_logos')
    .set({ next_fetch_at: new Date(0), fetched_at: new Date(Date.now() - days * 86_400_000) })
    .where('client_id', '=', id)
    .where('hash', 'is not', null)
    .execute();

it('the consent page shows the logo of an app that the operator registered, from this server', async () => {
  const bytes = makePng();
  const logo = publish(answerWith(bytes));
  const page = await openWithLogo(await addWithLogo(logo));
  const hash = createHash('sha256').update(bytes).digest('hex');
  expect(findLogo(page)).toBe(`/assets/logos/${hash}`);
  expect(page.text).toMatch(/<img class="logo" [^>]*alt(="")? width="48" height="48"/);
  expect(page.text).not.toContain(logo.host);
  expect(header(page, 'content-security-policy')).toContain("img-src 'self' data:");
  expect(countFetches(logo)).toBe(1);
});

it('a logo is served with its own content type, cannot run scripts, and may be cached for a year', async () => {
  for (const [name, text] of Object.entries(redPictures)) {
    const bytes = Buffer.from(text, 'base64');
    const page = await openWithLogo(await addWithLogo(publish(answerWith(bytes))));
    const answer = await fetch(`${server.issuer}${findLogo(page)}`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    const names = ['content-type', 'x-content-type-options', 'content-security-policy', 'cache-control'];
    expect(names.map((one) => answer.headers.get(one))).toEqual([
      name.split(',')[0],
      'nosniff',
      "default-src 'none'; frame-ancestors 'none'; sandbox",
      'public, max-age=31536000, immutable',
    ]);
  }
});

it('a request for a logo whose hash is not stored is answered with 404 or 400', async () => {
  for (const hash of ['0'.repeat(64), 'x', '%00', '..%2f'])
    expect([404, 400]).toContain((await send(`${server.issuer}/assets/logos/${hash}`)).status);
});

it('the pages of connected apps and the consent page for a terminal show the logo too', async () => {
  const logo = publish(answerWith(makePng({ shade: 7 })));
  const client = await addWithLogo(logo);
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client);
  const { id } = await getLastGrant(server, somebody);
  for (const path of ['/account/apps', `/account/grants/${id}`, appPathOf(client)])
    expect(
      await until(
        () => somebody.browser.open(path),
        (page) => findLogo(page) !== undefined,
      ),
    ).toMatchObject({ text: expect.not.stringContaining(logo.host) });
  const terminal = await addTerminal(server);
  await setLogo(terminal, logo);
  const device = await beginDevice(server, terminal);
  await until(
    () => openDeviceConsent(somebody.browser, device.user_code),
    (page) => findLogo(page) !== undefined,
  );
});

async function setLogo({ id }: TestClient, logo: URL): Promise<void> {
  const { metadata } = await server.db
    .selectFrom('clients')
    .select('metadata')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  await server.db
    .updateTable('clients')
    .set({ metadata: JSON.stringify({ ...metadata, logo_uri: logo.href }) })
    .where('id', '=', id)
    .execute();
}

// The ids at the beginning of titles are rows of docs/security.md.
it('C2: the logo of an app with a metadata document is shown only if it is on the host of the document', async () => {
  const publishDocument = (logo: URL | string) => {
    published += 1;
    const path = `/apps/${published}.json`;
    const id = `https://${host.host}${path}`;
    host.serve(path, {
      client_id: id,
      client_name: 'Documented',
      redirect_uris: [redirectUri],
      logo_uri: String(logo),
    });
    return { id, secret: undefined, redirectUri };
  };
  const own = publish(answerWith(makePng()));
  expect(findLogo(await openWithLogo(publishDocument(own)))).toMatch(/^\/assets\/logos\/[0-9a-f]{64}$/);
  const canary = await openCanary();
  const elsewhere = publishDocument(`https://localhost:${canary.port}/logo.png`);
  const page = await openConsent(elsewhere);
  expect([page.status, findLogo(page), await findRow(elsewhere), canary.connections]).toEqual([
    200,
    undefined,
    undefined,
    0,
  ]);
  canary.close();
});

it('C2: the logo of an app that registered itself is neither shown nor fetched', async () => {
  const logo = publish(answerWith(makePng()));
  const stranger = await addClient(server, { registeredBy: 'registration', metadata: { logo_uri: logo.href } });
  const page = await openConsent(stranger);
  expect([page.status, findLogo(page), await findRow(stranger), countFetches(logo)]).toEqual([
    200,
    undefined,
    undefined,
    0,
  ]);
  expect(page.text).not.toContain(logo.href);
});

const tooWide = makePng();
tooWide.writeUInt32BE(2_049, 16);
const png = makePng();

const unusable: Readonly<Record<string, Reply>> = {
  'a redirect': (response) => void response.writeHead(302, { location: `https://${host.host}/logos/1.png` }).end(),
  'a status of 404': (response) => void response.writeHead(404).end(png),
  'a status of 500': (response) => void response.writeHead(500).end(png),
  SVG: answerWith('<svg xmlns="http://www.w3.org/2000/svg"/>', { 'content-type': 'image/svg+xml' }),
  'SVG with the type of a PNG': answerWith('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  'HTML with the type of a PNG': answerWith('<!doctype html><script>alert(1)</script>'),
  'more than 100 kB': answerWith(Buffer.concat([png, Buffer.alloc(102_400)])),
  'a picture of too many pixels': answerWith(tooWide),
  'compressed bytes': answerWith(png, { 'content-encoding': 'br' }),
  nothing: answerWith(''),
  'a closed connection': (response) => void response.destroy(),
};

it.each(Object.keys(unusable))(
  'if the host of a logo answers with %s, the page shows no logo, and the next page does not fetch it again',
  async (name) => {
    const logo = publish(unusable[name] ?? answerWith(''));
    const client = await addWithLogo(logo);
    const page = await openFetched(client);
    expect([page.status, findLogo(page), countFetches(logo)]).toEqual([200, undefined, 1]);
    expect(await findRow(client)).toMatchObject({ hash: null, bytes: null, media_type: null });
  },
);

it('the type of a logo is read from its bytes, and not from the header that its host sends', async () => {
  const page = await openWithLogo(
    await addWithLogo(publish(answerWith(makePng({ shade: 3 }), { 'content-type': 'text/html' }))),
  );
  const answer = await send(`${server.issuer}${findLogo(page)}`);
  expect([answer.status, header(answer, 'content-type')]).toEqual([200, 'image/png']);
});

it('SSRF: a logo at an IP address that is not public is not fetched', async () => {
  const canary = await openCanary();
  const hosts = ['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '169.254.169.254', '10.0.0.1'];
  for (const name of hosts)
    for (const suffix of ['', `:${canary.port}`]) {
      const page = await openFetched(await addWithLogo(`https://${name}${suffix}/logo.png`));
      expect([name, page.status, findLogo(page)]).toEqual([name, 200, undefined]);
    }
  expect(canary.connections).toBe(0);
  canary.close();
});

it('the page is shown before the host of a logo has answered, and later pages show the logo', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const logo = publish((response) => void released.then(() => answerWith(makePng())(response)));
  const client = await addWithLogo(logo);
  const page = await openConsent(client);
  expect([page.status, findLogo(page)]).toEqual([200, undefined]);
  release();
  await openWithLogo(client);
  expect(countFetches(logo)).toBe(1);
});

it('two replicas together fetch a logo only once, even if many pages with it are opened at the same time', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const logo = publish((response) => void released.then(() => answerWith(makePng())(response)));
  const client = await addClient(server);
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client);
  await setLogo(client, logo);
  const headers = {
    host: new URL(server.issuer).host,
    cookie: somebody.browser.cookieHeader(new URL('/account/apps', server.issuer)),
    accept: 'text/html',
  };
  const pages = await Promise.all(
    Array.from({ length: 12 }, (_, at) => send(`${server.urls[at % 2]}/account/apps`, { headers })),
  );
  expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
  release();
  await openWithLogo(client);
  expect(countFetches(logo)).toBe(1);
});

it('a changed logo is fetched when the stored logo is due, and then has another URL', async () => {
  let bytes = makePng({ shade: 10 });
  const logo = publish((response) => answerWith(bytes)(response));
  const client = await addWithLogo(logo);
  const old = findLogo(await openWithLogo(client));
  bytes = makePng({ shade: 20 });
  expect([findLogo(await openConsent(client)), countFetches(logo)]).toEqual([old, 1]);
  await makeDue(client);
  await until(
    () => openConsent(client),
    (page) => findLogo(page) !== old,
  );
  expect(countFetches(logo)).toBe(2);
});

it('when an app names another URL for its logo, the old logo is no longer shown', async () => {
  const client = await addWithLogo(publish(answerWith(makePng({ shade: 30 }))));
  const old = findLogo(await openWithLogo(client));
  await setLogo(client, publish(answerWith('no picture')));
  expect(findLogo(await openFetched(client))).toBeUndefined();
  await setLogo(client, publish(answerWith(makePng({ shade: 40 }))));
  const page = await openWithLogo(client);
  expect(findLogo(page)).not.toBe(old);
});

it.each([
  [429, 1, true],
  [503, 29, true],
  [503, 31, false],
  [404, 1, false],
])('after the host answered %d, a logo that was fetched %d days ago is shown: %p', async (status, days, isShown) => {
  let reply = answerWith(makePng({ shade: 50 }));
  const logo = publish((response) => reply(response));
  const client = await addWithLogo(logo);
  await openWithLogo(client);
  reply = (response) => void response.writeHead(status).end();
  await makeDue(client, days);
  const page = await openFetched(client);
  expect([findLogo(page) !== undefined, countFetches(logo)]).toEqual([isShown, 2]);
});

it('a logo that another server fetches is fetched here only if that server does not finish in time', async () => {
  const logo = publish(answerWith(makePng({ shade: 60 })));
  const client = await addWithLogo(logo);
  await server.db
    .insertInto('client_logos')
    .values({ client_id: client.id, url: logo.href, next_fetch_at: new Date(Date.now() + 60_000) })
    .execute();
  expect([findLogo(await openConsent(client)), countFetches(logo)]).toEqual([undefined, 0]);
  await server.db
    .updateTable('client_logos')
    .set({ next_fetch_at: new Date(0) })
    .where('client_id', '=', client.id)
    .execute();
  await openWithLogo(client);
});

it('at most 60 logos in ten minutes are fetched for one owner; the pages are shown without the others', async () => {
  const logos = Array.from({ length: 62 }, () => publish(answerWith(makePng({ shade: 70 }))));
  const client = await addClient(server);
  for (const logo of logos) {
    await setLogo(client, logo);
    expect((await openConsent(client)).status).toBe(200);
  }
  expect(logos.map(countFetches).reduce((sum, one) => sum + one)).toBe(60);
});

it('the log names the host of a logo that could not be fetched, but not the full URL', async () => {
  const logo = publish(unusable['a status of 404'] ?? answerWith(''));
  logo.search = '?canary-of-the-address';
  await openFetched(await addWithLogo(logo));
  const lines = server.logLines.filter((line) => line.includes('client_logo_unreadable'));
  expect(lines.some((line) => line.includes(host.host))).toBe(true);
  expect(server.logLines.join('\n')).not.toContain('canary-of-the-address');
});
