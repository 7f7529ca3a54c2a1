import { loadSpecification, readOpenApiFile } from '@aipassport/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readText } from './support/browser.js';
import { header, send } from './support/http.js';
import { resourceProxyUrl, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const open = (path: string) => new Browser(server.issuer).open(path);

type Operations = Readonly<Record<string, { readonly tags: readonly string[] }>>;

it.each(['authorization-server', 'resource-proxy', 'admin'] as const)(
  'the reference %s has every operation for programs',
  async (name) => {
    const page = await open(`/docs/${name}`);
    expect(page.status).toBe(200);
    expect(Buffer.byteLength(page.text)).toBeLessThan(250_000); // docs/decisions/0025
    const { document } = loadSpecification(name);
    const text = readText(page.text);
    let count = 0;
    for (const [path, item] of Object.entries(document.paths))
      for (const [method, { tags }] of Object.entries(item as Operations)) {
        if (method === '$ref' || tags.includes('pages')) continue;
        count += 1;
        expect(text).toContain(`${method.toUpperCase()} ${path}`);
      }
    expect(count).toBeGreaterThan(15);
  },
);

it.each(['authorization-server', 'resource-proxy', 'admin'])(
  'in the reference %s, each link within the page leads to an element, and no two elements have the same id',
  async (name) => {
    const { text } = await open(`/docs/${name}`);
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...text.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
    expect(targets.length).toBeGreaterThan(40);
    expect([...new Set(targets)].filter((target) => !ids.includes(target))).toEqual([]);
    expect(text).not.toMatch(/<\/h3>\s*<\/article>/); // a schema without content
  },
);

it('the reference loads nothing from other sites, and has the same content security policy as other pages', async () => {
  const page = await open('/docs');
  expect(page.url.pathname).toBe('/docs/authorization-server');
  expect(page.text).not.toContain('<script');
  expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  const other = await open('/developers');
  expect(header(page, 'content-security-policy')).toBe(header(other, 'content-security-policy'));
  expect((await open('/docs/other')).status).toBe(404);
});

it('publishes the OpenAPI files with the URLs of this installation, for scripts of every origin', async () => {
  const redirect = await send(`${server.issuer}/openapi.yaml`);
  expect([redirect.status, header(redirect, 'location')]).toEqual([303, '/openapi/authorization-server.yaml']);
  for (const [name, url] of [
    ['authorization-server', server.issuer],
    ['resource-proxy', resourceProxyUrl],
    ['admin', server.issuer],
  ] as const) {
    const file = await send(`${server.issuer}/openapi/${name}.yaml`, { headers: { origin: 'https://editor.example' } });
    expect([file.status, header(file, 'content-type'), header(file, 'access-control-allow-origin')]).toEqual([
      200,
      expect.stringMatching(/^application\/yaml\b/),
      '*',
    ]);
    expect(file.text.match(/^ {2}- url: .*$/gm)).toEqual([`  - url: ${url}`]);
    const original = readOpenApiFile(`${name}.yaml`);
    expect(file.text.slice(file.text.indexOf('\nsecurity:'))).toBe(original.slice(original.indexOf('\nsecurity:')));
  }
  const schema = await send(`${server.issuer}/openapi/ai-access.schema.json`);
  expect(JSON.parse(schema.text)).toHaveProperty('$defs.AiAccessRequest');
  expect((await send(`${server.issuer}/openapi/..%2Fpackage.json`)).status).toBe(404);
});

it('the start page for developers names the URLs of both servers, and each of its links works', async () => {
  const page = await open('/developers');
  expect(readText(page.text)).toContain(server.issuer);
  expect(readText(page.text)).toContain(resourceProxyUrl);
  const linked = [...page.text.matchAll(/<a href="(\/[^"#]+)"/g)].map(([, path = '']) => path);
  expect(linked).toEqual(expect.arrayContaining(['/docs/authorization-server', '/docs/resource-proxy', '/docs/admin']));
  for (const path of linked) expect([path, (await open(path)).status]).toEqual([path, 200]);
});
