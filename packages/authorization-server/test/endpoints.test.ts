import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSpecification } from '@aipassport/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Endpoint, endpoints, findEndpoint, paths } from '../src/endpoints.js';
import { protocolEndpoints } from '../src/protocol-endpoints.js';
import { addClient } from './support/client.js';
import { header, send } from './support/http.js';
import { makePng } from './support/pictures.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
/** No server runs at the URL of this issuer. */
const identityProvider = {
  name: 'some-value',
  label: 'Elsewhere',
  issuer: 'http://127.0.0.1:9',
  clientId: 'aipassport',
  clientSecret: 'secret',
};
beforeAll(async () => {
  // Without a mail server in the configuration, the pages about e-mail answer 404. This test sends no mail.
  const nowhere = { host: '127.0.0.1', port: 9, encryption: 'none', credentials: undefined } as const;
  const from = { name: '', email: 'no-reply@passport.example' };
  const mail = { kind: 'smtp', server: nowhere, from } as const;
  server = await startTestServer({ configuration: { mail, identityProviders: [identityProvider] } });
});
afterAll(() => server.close());

interface Operation {
  readonly responses: Readonly<Record<string, object>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, object>> };
}

const documents = (['authorization-server', 'admin'] as const).map(
  (name) => loadSpecification(name).document as unknown as Document,
);
const responses = Object.assign(
  {},
  ...documents.map(({ components }) => components.responses),
) as Document['components']['responses'];
/** Health checks are not in the table of endpoints, because `answerHealthBefore` answers them. */
const specified = documents
  .flatMap(({ paths: described }) => Object.entries(described))
  .filter(([template]) => !template.startsWith('/health'));
const toTemplate = (specifiedPath: string) => specifiedPath.replace(/\{(\w+)\}/, ':$1');

it('the specification describes every endpoint, with every method, and no other', () => {
  const described = specified.map(([template, operations]) => [
    toTemplate(template),
    Object.keys(operations)
      .map((method) => method.toUpperCase())
      .toSorted(),
  ]);
  const table = endpoints.map(({ path: template, methods }) => [template, methods.toSorted()]);
  expect(Object.fromEntries(described)).toEqual(Object.fromEntries(table));
  expect(new Set(endpoints.map(({ path: template }) => template)).size).toBe(endpoints.length);
});

const shown = { [paths.reference]: 'resource-proxy', [paths.specificationFile]: 'resource-proxy.yaml' };

const mediaTypes = {
  page: /^text\/html$/,
  json: /^application\/(\w[\w-]*\+)?json$/,
  asset: /^text\/(css|javascript)$/,
  file: /^(text\/csv|application\/jsonl?|text\/html)$/,
  specification: /^application\/(yaml|schema\+json)$/,
  picture: /^image\/(png|jpeg|webp|gif)$/,
} as const;

it('every endpoint that is not a page or part of the JSON API names what limits its changes', () => {
  const changing = Object.values<Endpoint>(protocolEndpoints).filter(({ methods }) =>
    methods.some((method) => method !== 'GET'),
  );
  expect(changing.length).toBeGreaterThan(5);
  for (const { path: template, changesLimitedBy, storesParameters } of changing)
    expect([template, changesLimitedBy !== undefined || storesParameters === true]).toEqual([template, true]);
});

it('the specification says 429 for every request that a limit can refuse', () => {
  for (const [template, operations] of specified)
    for (const [method, { responses: described }] of Object.entries(operations)) {
      const { changesLimitedBy, storesParameters } = findEndpoint(toTemplate(template)) ?? {};
      if (method === 'get' || changesLimitedBy === 'none' || storesParameters === true) continue;
      expect([template, method, '429' in described]).toEqual([template, method, true]);
    }
});

it('each answer in the specification has the media type of its endpoint in the table of endpoints', () => {
  for (const [template, operations] of specified)
    for (const [method, { responses: described }] of Object.entries(operations)) {
      const kind = findEndpoint(toTemplate(template))?.answers;
      const answers = Object.entries(described).filter(([status]) => Number(status) < 500);
      for (const type of answers.flatMap(([, response]) => listMediaTypes(response)))
        expect([template, method, type]).toEqual([template, method, expect.stringMatching(mediaTypes[kind ?? 'page'])]);
    }
});

function listMediaTypes(response: object): readonly string[] {
  const found = '$ref' in response ? responses[String(response.$ref).split('/').at(-1) ?? ''] : response;
  return found !== undefined && 'content' in found ? Object.keys(found.content as object) : [];
}

it('every endpoint accepts its methods, and answers every other method with 405 and the methods that it accepts', async () => {
  const page = await send(`${server.issuer}/account/sign-in`);
  const stylesheet = /\/assets\/([\w.]+)/.exec(page.text)?.[1] ?? '';
  const values: Readonly<Record<string, string>> = {
    [paths.assets]: stylesheet,
    [paths.logo]: await storeAnyLogo(),
    ...shown,
  };
  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' };
  for (const { path: template, methods } of endpoints) {
    const url = `${server.issuer}${template.replace(/:\w+/, values[template] ?? 'some-value')}`;
    const accepted = new Set<string>([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']);
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      const answer = await send(url, method === 'POST' ? { method, ...form } : { method });
      const { status } = answer;
      const allowed = status === 405 ? header(answer, 'allow').split(', ').toSorted() : undefined;
      const actual = { template, method, isFound: status !== 404, allowed };
      const expected = accepted.has(method) ? undefined : [...accepted].toSorted();
      expect(actual).toEqual({ template, method, isFound: true, allowed: expected });
    }
  }
});

/** @returns the hash in the path of the logo */
async function storeAnyLogo(): Promise<string> {
  const bytes = makePng();
  const hash = createHash('sha256').update(bytes).digest('hex');
  const { id } = await addClient(server);
  const logo = { url: 'https://app.example/logo.png', hash, media_type: 'image/png', bytes } as const;
  const now = new Date();
  const values = { client_id: id, ...logo, fetched_at: now, next_fetch_at: now };
  await server.db.insertInto('client_logos').values(values).execute();
  return hash;
}

it('no source file or script of a page, except the tables of endpoints, contains the path of an endpoint', () => {
  const tables = ['', 'api-', 'admin-', 'key-', 'protocol-'].map((name) => `src/${name}endpoints.ts`);
  const folder = fileURLToPath(new URL('../../', import.meta.url));
  const files = ['src', 'assets']
    .flatMap((part) => globSync(`${part}/**/*.{ts,tsx,js}`, { cwd: folder }))
    .filter((file) => !file.endsWith('.d.ts'));
  expect(files).toEqual(expect.arrayContaining([...tables, 'assets/playground.js']));
  const strays = files
    .filter((file) => !tables.includes(file))
    .flatMap((file) =>
      [...withoutComments(readFileSync(path.join(folder, file), 'utf8')).matchAll(/(?<=['"`}])\/[a-z.][\w./-]*/g)]
        .filter(([literal]) =>
          endpoints.some((endpoint) => `${endpoint.path}/`.startsWith(`${literal.replace(/\/$/, '')}/`)),
        )
        .map(([literal]) => `${file}: ${literal}`),
    );
  expect(strays).toEqual([]);
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');
}
