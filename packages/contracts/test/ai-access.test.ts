import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { loadSpecification, readAiAccessSchema } from '../src/index.js';

const { document, compile } = loadSpecification('authorization-server');
const page = readFileSync(new URL('../../../../docs/ai-access.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```json (\w+)\n([\s\S]*?)^```$/gm)].map(
  ([, kind = '', text = '']) => [kind, JSON.parse(text) as Readonly<Record<string, unknown>>] as const,
);
const validate = {
  request: compile('/components/schemas/AiAccessRequest'),
  granted: compile('/components/schemas/AiAccess'),
};

it('the examples of docs/ai-access.md fit the published schema', () => {
  expect(examples.map(([kind]) => kind).sort()).toEqual(['granted', 'request', 'request', 'request']);
  for (const [kind, example] of examples)
    expect([example, validate[kind === 'granted' ? 'granted' : 'request'](example)]).toEqual([example, undefined]);
});

it('the schema refuses an example with an additional member or a value of the wrong type', () => {
  for (const [kind, example] of examples) {
    const check = validate[kind === 'granted' ? 'granted' : 'request'];
    expect(check({ ...example, extra: 1 })).toBeDefined();
    expect(check({ ...example, type: 'other' })).toBeDefined();
    for (const member of Object.keys(example))
      expect([member, check({ ...example, [member]: {} })]).not.toContain(undefined);
  }
});

it.each([['0'], ['0.0'], [0], [-1], ['1e3'], ['01'], ['1.0000000001'], [1_000_001], [''], [null]])(
  'the schema refuses %p as an amount of money',
  (max_cost_usd) => {
    expect(validate.request({ type: 'ai_access', max_cost_usd })).toBeDefined();
  },
);

it('docs/ai-access.md names every member of the schema', () => {
  const { AiAccessRequest, AiAccess } = readAiAccessSchema().$defs as Readonly<
    Record<string, { readonly properties: Readonly<Record<string, unknown>> }>
  >;
  const members = [AiAccessRequest, AiAccess].flatMap((schema) => Object.keys(schema?.properties ?? {}));
  expect(members.length).toBeGreaterThan(15);
  expect(members.filter((member) => !page.includes(`\`${member}\``))).toEqual([]);
});

it('the OpenAPI document only refers to the schema file and repeats no member of it', () => {
  const { schemas } = document.components as { readonly schemas: Readonly<Record<string, { readonly $ref?: string }>> };
  for (const name of ['AiAccessRequest', 'AiAccess', 'GrantLimits', 'ProposedUsd', 'GrantedUsd'])
    expect(schemas[name]).toEqual({ $ref: `ai-access.schema.json#/$defs/${name}` });
});
