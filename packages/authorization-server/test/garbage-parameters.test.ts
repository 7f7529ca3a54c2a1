import { loadSpecification } from '@aipassport/contracts';
import { setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeToken } from './support/account-api.js';
import { Browser, readText } from './support/browser.js';
import { addClient, appPathOf, connect } from './support/client.js';
import { type Answer, json, send } from './support/http.js';
import { registerClient } from './support/own-client.js';
import { createOwner, getLastGrant, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let operator: Owner;
let token: string;
/** Valid values of path segments, so that an operation is not refused before it reads its query. */
let segments: Readonly<Record<string, string>>;
beforeAll(async () => {
  const identityProvider = {
    name: 'elsewhere',
    label: 'Elsewhere',
    issuer: 'http://127.0.0.1:9',
    clientId: 'aipassport',
    clientSecret: 'secret',
  };
  const nowhere = { host: '127.0.0.1', port: 9, encryption: 'none', credentials: undefined } as const;
  const mail = { kind: 'smtp', server: nowhere, from: { name: '', email: 'no-reply@passport.example' } } as const;
  server = await startTestServer({ configuration: { mail, identityProviders: [identityProvider] } });
  operator = await createOwner(server);
  await setOperator(server.db, operator.accountId, true);
  token = await makeToken(operator, ['operator', 'manage']);
  const client = await addClient(server);
  await connect(server, operator.browser, client);
  segments = {
    app_id: appPathOf(client).split('/').at(-1) ?? '',
    grant_id: (await getLastGrant(server, operator)).id,
    client_id: (await registerClient(operator.browser)).id,
    account_id: operator.accountId,
    provider: 'elsewhere',
    name: 'resource-proxy',
    file: 'resource-proxy.yaml',
  };
});
afterAll(() => server.close());

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
}

type Specified = { readonly get?: { readonly parameters?: readonly Parameter[] } };

const { document } = loadSpecification('authorization-server') as unknown as {
  readonly document: {
    readonly paths: Readonly<Record<string, Specified>>;
    readonly components: { readonly parameters: Readonly<Record<string, Parameter>> };
  };
};

/** The names of the parameters of each GET. The pages of owners and operators may also have the parameter `done`. */
const operations = Object.entries(document.paths).flatMap(([template, { get }]) => {
  if (get === undefined || template.startsWith('/health')) return [];
  const parameters = (get.parameters ?? []).map(
    (one) => document.components.parameters[one.$ref?.split('/').at(-1) ?? ''] ?? one,
  );
  const inQuery = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  const done = /^\/(account|operator)/.test(template) ? ['done'] : [];
  return [{ template, names: [...new Set([...inQuery, ...done])] }];
});

const position = `1.1.${'-'.repeat(36)}`;
const cursor = (text: string) => Buffer.from(text).toString('base64url');
/** Values as they are written in a URL. */
const garbage: readonly string[] = [
  '',
  'AA',
  '-1',
  '0',
  '99999999999999999999',
  '0000-01',
  '0001-01',
  '9999-13',
  '9999-12',
  '2026-00',
  position,
  cursor(position),
  cursor('0'),
  cursor('9'.repeat(30)),
  '1.' + '-'.repeat(36),
  'x'.repeat(3_000),
  '%F0%9F%92%A5',
  '%00',
  '%ED%A0%80',
  '%5B%7B',
  'https%3A%2F%2Felsewhere.example%2F..%2F',
];

/** Members that every object of JavaScript has. */
const inherited: readonly string[] = ['constructor', '__proto__'];

it('no GET of the specification fails because of a parameter that makes no sense', async () => {
  const failures: string[] = [];
  for (const { template, names } of operations)
    for (const name of names) {
      const path = template.replace(/\{(\w+)\}/, (_, segment: string) => segments[segment] ?? 'some-value');
      const values = name === 'done' ? inherited : [...garbage, ...inherited, `a&${name}=b`];
      failures.push(...(await findFailures(values.map((value) => `${path}?${name}=${value}`))));
    }
  expect(failures).toEqual([]);
  expect(operations.flatMap(({ names }) => names).length).toBeGreaterThan(80);
});

it('no GET of the specification fails because of a path that makes no sense', async () => {
  const values = [...garbage, ...inherited].filter((value) => value !== '');
  const failures: string[] = [];
  for (const template of Object.keys(document.paths).filter((one) => one.includes('{')))
    failures.push(...(await findFailures(values.map((value) => template.replace(/\{\w+\}/, value)))));
  expect(failures).toEqual([]);
});

async function findFailures(paths: readonly string[]): Promise<readonly string[]> {
  const failures = await Promise.all(
    paths.map(async (path) => {
      const { status, text } = await ask(path);
      const isWrong = status === 500 || /\bundefined\b|\[object|\bNaN\b|function /.test(readText(withoutCode(text)));
      return isWrong ? [`${path.slice(0, 150)}: ${status}`] : [];
    }),
  );
  return failures.flat();
}

/** Leaves out examples of code, which may contain the words that these tests search for. */
function withoutCode(html: string): string {
  return html.replace(/<pre[\s\S]*?<\/pre>/g, '');
}

/** Requests a path as the operator. If that redirects, as the sign-in page does, requests it as a visitor instead. */
async function ask(path: string): Promise<Answer> {
  if (path.startsWith('/api/'))
    return send(`${server.issuer}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const answer = await operator.browser.request(path);
  return answer.status === 303 ? new Browser(server.issuer).request(path) : answer;
}

it('the JSON API refuses a cursor that it did not make, and a text that is not a month, with 400', async () => {
  const refusal = async (path: string) => {
    const answer = await ask(path);
    return [answer.status, json(answer)['error']];
  };
  const lists = [
    '/api/account/activity',
    '/api/operator/accounts',
    '/api/operator/clients',
    '/api/operator/audit',
    `/api/account/apps/${segments['app_id']}/requests`,
  ];
  for (const list of lists)
    for (const wrong of ['AA', 'a b', 'gIA', '='])
      expect([list, wrong, await refusal(`${list}?cursor=${encodeURIComponent(wrong)}`)]).toEqual([
        list,
        wrong,
        [400, 'invalid_request'],
      ]);
  for (const month of ['0000-01', '2026-00', '9999-13', '2026-1', '20261'])
    expect([month, await refusal(`/api/account/usage?month=${month}`)]).toEqual([month, [400, 'invalid_request']]);
});
