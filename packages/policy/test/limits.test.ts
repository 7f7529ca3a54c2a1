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

const members = Object.values(mapLimitKinds((kind) => limitTable[kind].member)).sort();

/** The limits that are missing from each list of names in a document, if the list names two or more of them. */
function listIncomplete(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside: readonly unknown[] = Array.isArray(value) ? value : Object.keys(value);
  const missing = members.filter((member) => !inside.includes(member));
  const below = Object.values(value).flatMap(listIncomplete);
  return missing.length > members.length - 2 || missing.length === 0 ? below : [missing, ...below];
}

it.each([
  ['of the authorization server', loadSpecification('authorization-server').document],
  ['of the resource proxy', loadSpecification('resource-proxy').document],
  ['of ai_access', readAiAccessSchema()],
])('each schema %s that names limits names every limit of the table', (_of, document) => {
  expect(listIncomplete(document)).toEqual([]);
});

it('the form of a grant requires every limit, because a missing field would lift its limit', () => {
  const { required = [] } = schemaOf('authorization-server', 'GrantLimitsForm');
  expect(required.filter((name) => name.startsWith('max_')).sort()).toEqual(members);
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
