import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { loadSpecification } from '../src/index.js';

describe.each(['authorization-server', 'admin', 'resource-proxy'] as const)('openapi/%s.yaml', (name) => {
  const { document, compile } = loadSpecification(name);

  it('has only schemas that are valid JSON Schema', () => {
    const ajv = new Ajv2020({ strict: false });
    for (const [schema, value] of Object.entries(document.components['schemas'] as Record<string, object>))
      expect([schema, ajv.validateSchema(value), ajv.errors]).toEqual([schema, true, null]);
  });

  it('has only schemas that compile in strict mode', () => {
    const names = Object.keys(document.components.schemas as object);
    expect(names.length).toBeGreaterThan(2);
    for (const schema of names) expect(compile(`/components/schemas/${schema}`)).not.toThrow();
  });
});

it('names the invalid field and the rule, and does not repeat the value', () => {
  const validate = loadSpecification('authorization-server').compile('/components/schemas/SignInForm');
  const form = { csrf_token: 'c'.repeat(43), email: 'a@example.com', password: 'correct horse' };
  expect(validate(form)).toBeUndefined();
  expect(validate({ ...form, password: '', admin: 'true' })).toEqual([
    { field: 'admin', message: 'must NOT have additional properties' },
    { field: 'password', message: 'must NOT have fewer than 1 characters' },
  ]);
  expect(validate({})).toContainEqual({ field: 'email', message: "must have required property 'email'" });
});
