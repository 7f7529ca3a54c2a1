import { loadSpecification, readAiAccessSchema, type SpecificationName } from '@aipassport/contracts';
import { expect, it } from '@jest/globals';
import { isUsdKind, limitKinds, limitTable, mapLimitKinds, oneUsd } from '../src/index.js';

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly maximum?: number;
  readonly oneOf?: readonly Schema[];
}

function schemaOf(document: SpecificationName, name: string): Schema {
  const { schemas } = loadSpecification(document).document.components as { schemas: Readonly<Record<string, Schema>> };
  const schema = schemas[name];
  if (schema === undefined) throw new Error(`no schema ${name}`);
  return schema;
}

const details = readAiAccessSchema().$defs as Readonly<Record<'AiAccessRequest' | 'AiAccess' | 'ProposedUsd', Schema>>;

const limitsIn = (names: readonly string[]) => names.filter((name) => name.startsWith('max_')).sort();
const members = Object.values(mapLimitKinds((kind) => limitTable[kind].member)).sort();
const server = 'authorization-server';

it.each([
  ['the request of a client', details.AiAccessRequest],
  ['the description of a grant', details.AiAccess],
  ['the consent form', schemaOf(server, 'ConsentForm')],
  ['the form of a grant’s limits', schemaOf(server, 'GrantLimitsForm')],
  ['the answer of the grant API', schemaOf('resource-proxy', 'Grant').properties['limits']],
])('%s has every limit of the table', (_what, schema) => {
  expect(limitsIn(Object.keys(schema?.properties ?? {}))).toEqual(members);
});

it('the form of a grant requires every limit, because a missing field would lift its limit', () => {
  expect(limitsIn(schemaOf(server, 'GrantLimitsForm').required ?? [])).toEqual(members);
});

it('the schema of a request has the same maximum of each limit as the table', () => {
  const { properties } = details.AiAccessRequest;
  const { oneOf = [] } = details.ProposedUsd;
  const maximum = oneOf.find((form) => form.maximum !== undefined)?.maximum;
  for (const kind of limitKinds) {
    const { member, max } = limitTable[kind];
    if (isUsdKind(kind)) expect([kind, BigInt(maximum ?? 0) * oneUsd]).toEqual([kind, max]);
    else expect([kind, properties[member]?.maximum]).toEqual([kind, max]);
  }
});
