import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

/**
 * A field, a limit and a path are each added in one place of a copy of the packages. Other code derives them from
 * there, or does not compile until it has a row for them. `added-upstream.test.ts` adds an upstream.
 */
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const names = ['contracts', 'policy', 'store', 'authorization-server', 'resource-proxy'];
const minutes = 60_000;

const copy = mkdtempSync(path.join(tmpdir(), 'aipassport-one-place-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Inserts a text before the only occurrence of another text. */
function insert(file: string, text: string, before: string): void {
  const target = path.join(copy, file);
  const source = readFileSync(target, 'utf8');
  const parts = source.split(before);
  if (parts.length !== 2) throw new Error(`${file}: ${before} occurs ${parts.length - 1} times`);
  writeFileSync(target, parts.join(`${text}${before}`));
}

function run(program: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, program), ...args], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { status, output: `${stdout}${stderr}` };
}

/** Compiles these packages. @returns the files with errors */
function compile(...packages: readonly string[]): readonly string[] {
  const { status, output } = run(
    'node_modules/typescript/bin/tsc',
    '-b',
    ...packages.map((name) => `packages/${name}`),
  );
  const files = [...output.matchAll(/^packages\/(\S+?)\(\d+,\d+\): error /gm)].flatMap(([, file]) => file ?? []);
  if (status !== 0 && files.length === 0) throw new Error(output);
  return [...new Set(files)].sort();
}

/** Evaluates an expression in which `m` is a compiled module of the copy. */
function evaluate(module: string, expression: string): unknown {
  const url = JSON.stringify(new URL(`file://${path.join(copy, 'packages', module)}`).href);
  const script = `const m = await import(${url}); console.log(JSON.stringify(${expression}))`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The line of the first limit in the schema of a proposal. */
const maxRequestsOfProposal =
  '        "max_requests": { "type": "integer", "minimum": 1, "maximum": 1000000000, "description": "Requests in all" },';
const row = `  maxCostPerExample: {
    unit: 'usd',
    max: maxNanoUsd,
    member: 'max_cost_usd_per_example',
    column: 'max_cost_per_example',
    isMain: false,
    usage: 'day',
    isFinal: false,
    remainder: 'cost',
    denial: 'example_budget_exhausted',
  },
`;

/** What is added to each file that does not compile without the new limit, and the text before which it is added. */
const rowsOfOthers: readonly (readonly [file: string, text: string, before: string])[] = [
  [
    'authorization-server/src/limits/limit-words.ts',
    `  maxCostPerExample: {
    label: 'limits.example',
    value: 'limits.exampleValue',
    note: undefined,
    used: { title: 'limits.example', bar: 'limits.example', of: 'existing.spentOf' },
    left: 'overview.leftInAll',
  },
`,
    '  maxCostPerMonth:',
  ],
];

/** The files that say how a refusal because of the new limit is answered. */
const answersOfProxy = ['describe-denial', 'describe-limit-denial', 'problem-texts'].map(
  (name) => `resource-proxy/src/denials/${name}.ts`,
);

let incomplete: readonly string[];

beforeAll(() => {
  const copied = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true } as const;
  for (const name of names)
    cpSync(path.join(root, 'packages', name), path.join(copy, 'packages', name), {
      ...copied,
      filter: (from) => !/\/(test|faults)$/.test(from),
    });
  for (const file of ['openapi', 'tsconfig.base.json', 'package.json'])
    cpSync(path.join(root, file), path.join(copy, file), copied);
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));

  insert(
    'packages/policy/src/fields/openai/chat-fields.ts',
    "  example: harmless('An example.', list),\n",
    '} satisfies FieldTable;',
  );
  insert(
    'packages/authorization-server/src/protocol-endpoints.ts',
    "  example: { path: '/example/:name', methods: ['GET'], answers: 'page' },\n",
    "  assets: { path: '/assets/:file'",
  );
  insert(
    'openapi/ai-access.schema.json',
    '"max_cost_usd_per_example": { "$ref": "#/$defs/ProposedUsd" },\n',
    maxRequestsOfProposal,
  );
  insert('packages/policy/src/limits/limit-table.ts', row, '} as const satisfies LimitRows;');
  const generator = 'packages/contracts/node_modules/openapi-typescript/bin/cli.js';
  const types = 'packages/contracts/src/authorization-server.generated.ts';
  expect(run(generator, 'openapi/authorization-server.yaml', '-o', types).status).toBe(0);

  incomplete = compile('authorization-server', 'resource-proxy');
  for (const [file, text, before] of rowsOfOthers) insert(`packages/${file}`, text, before);
  for (const language of ['en', 'de'])
    insert(
      `packages/authorization-server/src/texts/${language}/limits.ts`,
      "  'limits.example': 'Examples',\n  'limits.exampleValue': '{limit} an example',\n",
      '} as const',
    );
  expect(compile('authorization-server')).toEqual([]);
}, 8 * minutes);

it('a field is added with one line of its table: its schema follows', () => {
  const schema = "m.buildRequestSchema(m.fieldTables['openai.chat/completions']).properties.example";
  expect(evaluate('policy/dist/src/index.js', schema)).toEqual({ type: ['array', 'null'], description: 'An example.' });
});

it('a limit is added with one row of its table: proposals, claims, columns and refusals follow', () => {
  const policy = 'policy/dist/src/index.js';
  expect(evaluate(policy, 'm.limitKinds.at(-1)')).toBe('maxCostPerExample');
  expect(evaluate(policy, 'm.limitOfDenial.example_budget_exhausted')).toBe('maxCostPerExample');
  const asked = "m.parseAiAccess({ type: 'ai_access', max_cost_usd_per_example: 3 }, m.createModelCatalogue())";
  expect(evaluate(policy, `m.formatLimitMembers(${asked}.request.limits)`)).toEqual({ max_cost_usd_per_example: '3' });
  expect(evaluate('store/dist/src/grant-row.js', 'm.listLimitColumns({ maxCostPerExample: 3 })')).toContainEqual({
    column: 'max_cost_per_example',
    value: 3,
  });
});

it('a new limit does not compile until everything that cannot be derived from its row is added', () => {
  expect(incomplete).toEqual([...rowsOfOthers.map(([file]) => file), ...answersOfProxy].sort());
});

it('a path is added with one row of the table of endpoints: it is found, and links to it are built', () => {
  const endpoints = 'authorization-server/dist/src/endpoints.js';
  expect(evaluate(endpoints, "m.findEndpoint('/example/x')?.answers")).toBe('page');
  expect(evaluate(endpoints, "m.formatPath(m.paths.example, 'a b')")).toBe('/example/a%20b');
});
