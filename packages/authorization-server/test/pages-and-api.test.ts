import { readFileSync } from 'node:fs';
import { loadSpecification } from '@aipassport/contracts';
import { expect, it } from '@jest/globals';
import { changes } from '../src/operator/changes.js';

interface Operation {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly 'x-api-operation'?: string;
  readonly 'x-api-reads'?: readonly string[];
}

const { paths, components } = loadSpecification('authorization-server').document as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly InstanceChange: { properties: { act: { enum: string[] } } } } };
};
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);
const forms = operations.filter(({ tags, method }) => tags.includes('pages') && method === 'post');
const pages = operations.filter(({ tags, method }) => tags.includes('pages') && method === 'get');
const apiOperations = operations
  .filter(({ path, method }) => path.startsWith('/api/') && method !== 'options')
  .map(({ operationId }) => operationId);
const apiReads = operations
  .filter(({ path, method }) => path.startsWith('/api/') && method === 'get')
  .map(({ operationId }) => operationId);

/** The two tables of decision 26: the first lists forms and changes by operators, the second lists pages. */
const decision = new URL('../../../../docs/decisions/0026-a-json-api-for-accounts.md', import.meta.url);
const [, formsText = '', pagesText = ''] = readFileSync(decision, 'utf8').split(
  /^## Only on the pages$|^### Pages without a read$/m,
);
const named = readTable(formsText);
const pagesWithoutRead = readTable(pagesText);

function readTable(text: string) {
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const cells = rows.map((line) => line.split('|').map((cell) => cell.trim()));
  return cells.flatMap(([, names = '', reason = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => ({ name, reason })),
  );
}

it('each form of the pages has an operation of the JSON API, or decision 26 says why not', () => {
  expect(forms.length).toBeGreaterThan(50);
  const lacking = forms.filter((form) => form['x-api-operation'] === undefined).map(({ path }) => path);
  const listed = named.map(({ name }) => name).filter((name) => name.startsWith('/') && name !== '/operator/change');
  expect(listed.sort()).toEqual(lacking.sort());
  for (const { name, reason } of named) expect([name, reason]).toEqual([name, expect.stringMatching(/^[A-Z].+\.$/)]);
});

it('each page names the operations of the JSON API that read its data, or decision 26 says why there is none', () => {
  expect(pages.length).toBeGreaterThan(40);
  const lacking = pages.filter((page) => page['x-api-reads'] === undefined).map(({ path }) => path);
  expect(pagesWithoutRead.map(({ name }) => name).sort()).toEqual(lacking.sort());
  for (const { name, reason } of pagesWithoutRead)
    expect([name, reason]).toEqual([name, expect.stringMatching(/^[A-Z].+\.$/)]);
  const wrong = pages.flatMap((page) => page['x-api-reads'] ?? []).filter((name) => !apiReads.includes(name));
  expect(wrong).toEqual([]);
});

it('each operation that a form names is one of the JSON API', () => {
  const wrong = forms.map((form) => form['x-api-operation']).filter((name) => name && !apiOperations.includes(name));
  expect(wrong).toEqual([]);
});

it('each change that an operator can make is an act of the JSON API, or decision 26 says why not', () => {
  const acts = components.schemas.InstanceChange.properties.act.enum;
  const listed = named.map(({ name }) => name).filter((name) => !name.startsWith('/'));
  expect([...acts, ...listed].sort()).toEqual(Object.keys(changes).sort());
});
