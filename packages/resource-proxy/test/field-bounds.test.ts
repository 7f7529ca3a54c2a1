import { createUpstreamCatalogue, type FieldTable, fieldTables, isCountedOperation } from '@aipassport/policy';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TestProxy } from './support/test-proxy.js';

let proxy: TestProxy;
let token: string;

beforeAll(async () => {
  proxy = await TestProxy.start();
  ({ token } = await proxy.connect(
    'model:openai/* model:anthropic/* model:google/* cap:chat cap:images cap:embeddings',
  ));
});

afterAll(() => proxy?.stop());

interface Bound {
  /** The path of the field: `generationConfig.candidateCount`. */
  readonly field: string;
  readonly min: number;
  readonly max: number;
}

/** All fields of a table that are whole numbers within bounds. */
function listBounds(table: FieldTable, prefix = ''): readonly Bound[] {
  return Object.entries(table).flatMap(([name, { rule }]) => {
    if (rule.rule === 'members') return listBounds(rule.table, `${prefix}${name}.`);
    return rule.rule === 'whole' ? [{ field: `${prefix}${name}`, min: rule.min, max: rule.max }] : [];
  });
}

/** A body that has this field, and nothing else. */
function buildBody(field: string, value: unknown): object {
  return field.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object; // a path has at least one name
}

const cases = createUpstreamCatalogue().operations.flatMap(({ path, kind, form, jsonForm }) => {
  if (!isCountedOperation(form)) return [];
  const target = path.replace('{model}', 'gemini-2.5-flash');
  return [
    ...(kind === 'json' ? [{ target, id: form, type: 'json' }] : []),
    ...(kind === 'form' || kind === 'upload' ? [{ target, id: form, type: 'form' }] : []),
    ...(jsonForm !== undefined ? [{ target, id: jsonForm, type: 'json' }] : []),
  ].flatMap(({ id, ...rest }) => listBounds(fieldTables[id]).map((bound) => ({ ...rest, ...bound })));
});

async function send(target: string, type: string, body: object): Promise<Response> {
  if (type === 'json') return proxy.post(target, body, token);
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) form.append(name, String(value));
  return fetch(`${proxy.url}${target}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: form });
}

it.each(cases)(
  '$target ($type) refuses `$field` unless it is a whole number from $min to $max, and names these bounds',
  async (bound) => {
    const { target, type, field, min, max } = bound;
    for (const value of [min - 1, max + 1, min + 0.5, 'many', ...(type === 'json' ? [[min]] : [])]) {
      const answer = await send(target, type, buildBody(field, value));
      const { error } = (await answer.json()) as { error: { message: string } };
      expect([value, answer.status, error.message]).toEqual([
        value,
        400,
        expect.stringMatching(new RegExp(`^\`${field}\` is .*\\. It must be a whole number from ${min} to ${max}\\.$`)),
      ]);
    }
    expect(proxy.upstream.hits).toEqual([]);
  },
);

it.each([
  ['/openai/v1/images/generations', 'n', 50],
  ['/google/v1beta/models/gemini-2.5-flash:generateContent', 'generationConfig.candidateCount', 50],
  ['/openai/v1/chat/completions', 'top_logprobs', 9_999],
  ['/openai/v1/responses', 'top_logprobs', 9_999],
  ['/openai/v1/responses', 'max_tool_calls', 5_000],
  ['/openai/v1/embeddings', 'dimensions', 'many'],
  ['/google/v1beta/openai/embeddings', 'dimensions', 'many'],
  ['/openai/v1/images/generations', 'partial_images', 99],
  ['/openai/v1/images/edits', 'partial_images', 99],
])('%s refuses `%s` when it is %j, and names the field and its bounds', async (target, field, value) => {
  const answer = await proxy.post(target, buildBody(field, value), token);
  expect([answer.status, await answer.text()]).toEqual([
    400,
    expect.stringMatching(`\`${field}\` is .*a whole number from`),
  ]);
  expect(cases.some((bound) => bound.target === target && bound.field === field)).toBe(true);
});
