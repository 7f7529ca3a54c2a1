import { readFileSync } from 'node:fs';
import { loadSpecification } from '@aipassport/contracts';
import { expect, it } from '@jest/globals';
import { changes } from '../src/operator/changes.js';

interface Operation {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly 'x-api-operation'?: string;
}

const { paths, components } = loadSpecification('authorization-server').document as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly InstanceChange: { properties: { act: { enum: string[] } } } } };
};
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);
const forms = operations.filter(({ tags, method }) => tags.includes('pages') && method === 'post');
const apiOperations = operations
  .filter(({ path, method }) => path.startsWith('/api/') && method !== 'options')
  .map(({ operationId }) => operationId);

/** The rows of the table in decision 26. */
const decision = new URL('../../../../docs/decisions/0026-a-json-api-for-accounts.md', import.meta.url);
const rows = readFileSync(decision, 'utf8')
  .split('## Only on the pages')[1]
  ?.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const named = (rows ?? []).flatMap(([, form = '', reason = '']) =>
  [...form.matchAll(/`([^`]+)`/g)].map(([, name = '']) => ({ name, reason })),
);

it('each form of the pages has an operation of the JSON API, or decision 26 says why not', () => {
  expect(forms.length).toBeGreaterThan(50);
  const lacking = forms.filter((form) => form['x-api-operation'] === undefined).map(({ path }) => path);
  const listed = named.map(({ name }) => name).filter((name) => name.startsWith('/') && name !== '/operator/change');
  expect(listed.sort()).toEqual(lacking.sort());
  for (const { name, reason } of named) expect([name, reason]).toEqual([name, expect.stringMatching(/^[A-Z].+\.$/)]);
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
