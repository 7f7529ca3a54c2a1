import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { compile, copy, evaluate, insert, listFailures, root, run } from './harness/copied-packages.js';

/**
 * In a copy of the packages, a field and a path are each added to one table, and a limit in the places that
 * `docs/adding-a-limit.md` lists. `added-upstream.test.ts` adds an upstream.
 */
const names = ['contracts', 'policy', 'store', 'authorization-server', 'resource-proxy'];
/** Packages of which only the sources are read. */
const clients = ['client', 'demo-app', 'launcher'];
const minutes = 60_000;

const page = readFileSync(path.join(root, 'docs/adding-a-limit.md'), 'utf8');
/** The places that the page lists, each with what reports that it was forgotten: the compiler or a test file. */
const reporters = new Map(
  page
    .split('\n')
    .filter((line) => line.startsWith('| ['))
    .flatMap((line) => {
      const [, places = '', , reporter = ''] = line.split(/ *\| */);
      const by = /`(.+?)`/.exec(reporter)?.[1] ?? reporter;
      return [...places.matchAll(/\]\((.+?)\)/g)].map(([, place = '']) => [path.join('docs', place), by] as const);
    }),
);

const member = 'max_requests_per_example';
const row = `  maxRequestsPerExample: {
    unit: 'count',
    max: 1_000_000_000,
    member: '${member}',
    column: '${member}',
    isMain: false,
    usage: 'requests',
    isForLifetime: true,
    remainder: undefined,
    denial: 'example_limit_reached',
  },
`;

/** `text` is inserted before each occurrence of `before`, which must occur exactly `times` times. */
type Insertion = readonly [text: string, before: string, times?: number];

/** What is added to each place of the page. */
const additions: Readonly<Record<string, readonly Insertion[]>> = {
  'packages/policy/src/limits/limit-table.ts': [[row, '} as const satisfies LimitRows;']],
  'openapi/ai-access.schema.json': [
    [`        "${member}": { "type": "integer", "minimum": 1, "maximum": 1000000000 },\n`, '        "expires_in":'],
    [`        "${member}": { "type": "integer" },\n`, '        "max_requests": { "type": "integer" },', 2],
  ],
  'openapi/authorization-server.yaml': [
    [
      `        ${member}: { $ref: '#/components/schemas/CountField' }\n`,
      "        max_streams: { $ref: '#/components/schemas/CountField' }",
      2,
    ],
    [`        - ${member}\n`, '        - max_streams\n'],
    [`        ${member}: { type: integer, minimum: 1 }\n`, '        max_streams: { type: integer, minimum: 1,'],
  ],
  'openapi/resource-proxy.yaml': [[`          - ${member}\n`, '          - max_streams\n']],
  'docs/ai-access.md': [[`| \`${member}\` | count | an example |\n`, '| `max_streams`']],
  'packages/authorization-server/src/limits/limit-words.ts': [
    [
      `  maxRequestsPerExample: {
    label: 'limits.example',
    value: 'limits.exampleValue',
    note: undefined,
    used: { title: 'limits.example', bar: 'limits.example', of: 'existing.requestsOf' },
    left: undefined,
  },
`,
      '  maxCostPerMonth:',
    ],
  ],
  ...Object.fromEntries(
    ['en', 'de'].map((language) => [
      `packages/authorization-server/src/texts/${language}/limits.ts`,
      [["  'limits.example': 'Examples',\n  'limits.exampleValue': '{limit} an example',\n", '} as const']] as const,
    ]),
  ),
  'packages/resource-proxy/src/denials/problem-texts.ts': [
    ["  example_limit_reached: { code: 'request_limit_reached', message: 'An example.' },\n", '  rate_limited:'],
  ],
  'packages/client/src/access-request.ts': [
    ['  readonly maxRequestsPerExample?: number;\n', '  /** Streamed answers at a time. */'],
    [`  maxRequestsPerExample: '${member}',\n`, "  maxStreams: 'max_streams',"],
  ],
  'packages/client/src/read-refusal.ts': [[`  ['${member}', 'requests'],\n`, "  ['max_cost_usd', 'budget'],"]],
  'packages/demo-app/src/chat/describe-limits.ts': [
    ["    grant.maxRequestsPerExample !== undefined && 'an example',\n", '    maxStreams !== undefined'],
  ],
  'packages/demo-app/src/chat/get-grant.ts': [
    ['  readonly maxRequestsPerExample: number | undefined;\n', '  /** The number of streamed answers at a time. */'],
    [`    readonly ${member}?: number;\n`, '    readonly max_streams?: number;'],
    [`    maxRequestsPerExample: limits.${member},\n`, '    maxStreams: limits.max_streams,'],
  ],
  'packages/store/rights.sql': [[`${member}, `, 'max_tokens_per_minute,', 2]],
  'packages/store/functions/admit_requests.sql': [
    [
      `      elsif g.used_requests >= g.${member} then
        verdict := 'example_limit_reached';
`,
      '      elsif is_account_busy and reserved > 0 then',
    ],
  ],
  'packages/store/functions/judge_above.sql': [
    [", 'example_limit_reached'", '];\n  a grants;'],
    [`    elsif a.used_requests >= a.${member} then\n      refusal := 5;\n`, '    else\n      refusal := null;'],
  ],
};
/** The description of the path that is added. */
const describedPath = `  /example/{name}:
${['get', 'post']
  .map(
    (method) => `    ${method}:
      tags: [pages]
      operationId: ${method}Example
      parameters: [{ name: name, in: path, required: true, schema: { type: string } }]
      responses:
        '200': { $ref: '#/components/responses/Page' }
        '429': { $ref: '#/components/responses/Page' }
`,
  )
  .join('')}`;
/** A migration is a new file. */
const migration = 'packages/store/migrations';

function add(...files: readonly string[]): void {
  for (const file of files)
    for (const [text, before, times] of additions[file] ?? []) insert(file, text, before, times);
}

function generateTypes(): void {
  const generator = 'packages/contracts/node_modules/openapi-typescript/bin/cli.js';
  for (const name of ['authorization-server', 'resource-proxy'])
    expect(run(generator, `openapi/${name}.yaml`, '-o', `packages/contracts/src/${name}.generated.ts`).status).toBe(0);
}

/** The places that this test file or the compiler reports. */
const placesOf = (reporter: string) => [...reporters].filter(([, by]) => by === reporter).map(([place]) => place);

let incomplete: readonly string[];

beforeAll(() => {
  const copied = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true } as const;
  for (const name of [...names, ...clients])
    cpSync(path.join(root, 'packages', name), path.join(copy, 'packages', name), {
      ...copied,
      filter: (from) => !/\/(test|faults)$/.test(from) && !(clients.includes(name) && from.endsWith('node_modules')),
    });
  for (const file of [
    'openapi',
    'tsconfig.base.json',
    'package.json',
    'docs/ai-access.md',
    'packages/contracts/test/ai-access.test.ts',
    'packages/policy/test/limits.test.ts',
    ...['limits.test.ts', 'rights.test.ts', 'fixtures.ts'].map((name) => `packages/store/test/${name}`),
    'packages/end-to-end/package.json',
    'packages/end-to-end/node_modules',
    'packages/end-to-end/dist/test/named-facts.test.js',
    'packages/end-to-end/dist/test/harness/list-sources.js',
    'packages/authorization-server/dist/test/endpoints.test.js',
    'packages/authorization-server/dist/test/support',
  ])
    cpSync(path.join(root, file), path.join(copy, file), copied);
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));

  insert(
    'packages/policy/src/fields/openai/chat-fields.ts',
    "  example: harmless('An example.', list),\n",
    '} satisfies FieldTable;',
  );
  const [proposal = ['', '']] = additions['openapi/ai-access.schema.json'] ?? [];
  insert('openapi/ai-access.schema.json', ...proposal);
  add('packages/policy/src/limits/limit-table.ts');
  generateTypes();
  incomplete = compile('authorization-server', 'resource-proxy');
}, 8 * minutes);

it('a field is added with one line of its table: its schema follows', () => {
  const schema = "m.buildRequestSchema(m.fieldTables['openai.chat/completions']).properties.example";
  expect(evaluate('policy/dist/src/index.js', schema)).toEqual({ type: ['array', 'null'], description: 'An example.' });
});

it('the page about adding a limit lists the places to which this test adds one', () => {
  expect([...reporters.keys()].sort()).toEqual([...Object.keys(additions), migration].sort());
});

it(
  'a new limit does not compile until it has its words and its refusal',
  () => {
    const [words = '', answer = ''] = ['limit-words.ts', 'problem-texts.ts'].map(
      (name) => placesOf('the compiler').find((place) => place.endsWith(name)) ?? '',
    );
    expect(incomplete).toEqual([words, answer].map((place) => place.replace('packages/', '')));
    add(words, answer);
    expect(compile('authorization-server')).not.toEqual([]);
    add(...placesOf('the compiler').filter((place) => place.includes('/texts/')));
    expect(compile('authorization-server', 'resource-proxy')).toEqual([]);
  },
  4 * minutes,
);

it(
  'a test fails until every schema, the profile and the clients name the new limit',
  () => {
    const tests = [
      'policy/test/limits.test.ts',
      'contracts/test/ai-access.test.ts',
      'end-to-end/test/named-facts.test.ts',
    ];
    for (const file of tests) expect([file, listFailures(file).length]).not.toEqual([file, 0]);
    const [[text, before, times] = ['', '']] = (additions['openapi/ai-access.schema.json'] ?? []).slice(1);
    insert('openapi/ai-access.schema.json', text, before, times);
    add(...placesOf('policy/test/limits.test.ts').filter((place) => !place.endsWith('.json')));
    for (const file of tests.slice(1)) add(...placesOf(file));
    for (const file of tests) expect([file, listFailures(file)]).toEqual([file, []]);
  },
  4 * minutes,
);

it(
  'a test fails until the new limit is stored, may be written, and is enforced for a grant and for those below it',
  () => {
    const file = 'store/test/limits.test.ts';
    const isEnforced = 'is enforced: a request over it is refused as example_limit_reached';
    const isEnforcedBelow = 'is enforced for the grants below its grant: their requests together cannot exceed it';
    const listNow = () => listFailures(file, 'maxRequestsPerExample');
    expect(listNow()).toContain('is stored, and both servers read it back');
    writeFileSync(
      path.join(copy, migration, '9999_example.sql'),
      `alter table grants add column ${member} integer check (${member} > 0);\n`,
    );
    expect(listNow()).toEqual([isEnforced, isEnforcedBelow]);
    add('packages/store/functions/admit_requests.sql');
    expect(listNow()).toEqual([isEnforcedBelow]);
    add('packages/store/functions/judge_above.sql');
    expect(listNow()).toEqual([]);
    expect(listFailures('store/test/rights.test.ts', 'the rights file')).not.toEqual([]);
    add('packages/store/rights.sql');
    expect(listFailures('store/test/rights.test.ts', 'the rights file')).toEqual([]);
  },
  4 * minutes,
);

it('everything else follows from the row of a limit: proposals, claims, columns and refusals', () => {
  const policy = 'policy/dist/src/index.js';
  expect(evaluate(policy, 'm.limitKinds.at(-1)')).toBe('maxRequestsPerExample');
  expect(evaluate(policy, 'm.limitOfDenial.example_limit_reached')).toBe('maxRequestsPerExample');
  const asked = `m.parseAiAccess({ type: 'ai_access', ${member}: 3 }, m.createModelCatalogue())`;
  expect(evaluate(policy, `m.formatLimitMembers(${asked}.request.limits)`)).toEqual({ [member]: 3 });
  expect(evaluate('store/dist/src/grant-row.js', 'm.listLimitColumns({ maxRequestsPerExample: 3 })')).toContainEqual({
    column: member,
    value: 3,
  });
});

it(
  'a path is added with one row of the table of endpoints: a server then serves it with these methods and no other, once it has its handler and is described',
  () => {
    const test = 'authorization-server/test/endpoints.test.ts';
    insert(
      'packages/authorization-server/src/endpoints.ts',
      "  example: { path: '/example/:name', methods: ['GET', 'POST'], answers: 'page' },\n",
      "  help: { path: '/help'",
    );
    expect(compile('authorization-server')).toEqual(['authorization-server/src/routes.ts']);
    insert(
      'packages/authorization-server/src/routes.ts',
      '  example: { GET: showHelp, POST: showHelp },\n',
      '  help: { GET: showHelp }',
    );
    expect(compile('authorization-server')).toEqual([]);
    expect(listFailures(test)).toEqual(['the specification describes every endpoint, with every method, and no other']);
    insert('openapi/authorization-server.yaml', describedPath, '  /help:\n');
    expect(listFailures(test)).toEqual([]);
    const endpoints = 'authorization-server/dist/src/endpoints.js';
    expect(evaluate(endpoints, "m.findEndpoint('/example/x')?.answers")).toBe('page');
    expect(evaluate(endpoints, "m.formatPath(m.paths.example, 'a b')")).toBe('/example/a%20b');
  },
  4 * minutes,
);
