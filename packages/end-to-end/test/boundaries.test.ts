import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { listCode, listSources, packages, withoutComments } from './harness/list-sources.js';

/** The packages, and their entry points, that each package may import. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  policy: ['contracts'],
  store: ['contracts', 'policy'],
  'authorization-server': ['contracts', 'policy', 'store', 'store/authorization'],
  'resource-proxy': ['contracts', 'policy', 'store', 'store/proxying'],
  client: [],
  'demo-app': [],
  launcher: [
    'contracts',
    'policy',
    'store',
    'store/authorization',
    'authorization-server',
    'authorization-server/environment',
    'authorization-server/main',
    'authorization-server/operating',
    'authorization-server/texts',
    'resource-proxy',
    'resource-proxy/environment',
    'resource-proxy/main',
    'resource-proxy/operating',
    'demo-app/main',
  ],
};

function listImports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import|import\.meta\.resolve|import)\s*\(?\s*'([^']+)'/g)].flatMap(
    ([, name]) => name ?? [],
  );
}

it('the list of allowed imports has every package', () => {
  expect(readdirSync(packages).sort()).toEqual([...Object.keys(allowed), 'end-to-end'].sort());
});

describe.each(Object.entries(allowed))('%s', (name, doors) => {
  const files = listSources(name);

  it('imports only the packages that it may import', () => {
    expect(files.length).toBeGreaterThan(0);
    const ours = files.flatMap((file) => listImports(file).filter((imported) => imported.startsWith('@aipassport/')));
    for (const imported of ours) expect(doors.map((door) => `@aipassport/${door}`)).toContain(imported);
  });

  it('imports no file of another package by a relative path', () => {
    const inside = path.join(packages, name) + path.sep;
    const strays = files.flatMap((file) =>
      listImports(file)
        .filter(
          (imported) => /^\..*\.js$/.test(imported) && !path.resolve(path.dirname(file), imported).startsWith(inside),
        )
        .map((imported) => `${path.relative(packages, file)} imports ${imported}`),
    );
    expect(strays).toEqual([]);
  });
});

it.each(Object.keys(allowed))('the files of %s have no circular imports, not even of types', (name) => {
  expect(listCircles(listSources(name))).toEqual([]);
});

/** The files that import themselves, directly or through other files. */
function listCircles(files: readonly string[]): readonly string[] {
  const imports = new Map(files.map((file) => [file, listImports(file).flatMap((name) => locate(file, name))]));
  return files.filter((file) => {
    const reached = new Set<string>();
    const pending = [...(imports.get(file) ?? [])];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      pending.push(...(imports.get(next) ?? []));
    }
    return reached.has(file);
  });
}

function locate(importer: string, name: string): readonly string[] {
  if (!name.startsWith('.')) return [];
  const source = path.resolve(path.dirname(importer), name).replace(/\.js$/, '');
  return [`${source}.ts`, `${source}.tsx`];
}

it.each([
  ['oidc-provider', /authorization-server\/src\/oidc\//],
  ['pg', /store\/src\/|launcher\/src\//],
  ['http-proxy', /resource-proxy\/src\/forwarding\//],
  ['undici', /resource-proxy\/src\//],
])('%s is imported only in the folder where it belongs', (library, place) => {
  const importers = Object.keys(allowed)
    .flatMap(listSources)
    .filter((file) => listImports(file).includes(library));
  expect(importers.length).toBeGreaterThan(0);
  for (const file of importers) expect(file).toMatch(place);
});

it('only oidc/engine/ uses what oidc-provider does not document', () => {
  const internal = /oidc-provider\/|\binstance\(|\berror_detail\b/;
  const users = listSources('authorization-server').filter((file) => internal.test(withoutComments(file)));
  expect(users.length).toBeGreaterThan(0);
  for (const file of users) expect(file).toMatch(/authorization-server\/src\/oidc\/engine\//);
});

it('only the terminal part of the client library imports modules of Node.js', () => {
  const importers = listSources('client').filter((file) => listImports(file).some((name) => name.startsWith('node:')));
  expect(importers.length).toBeGreaterThan(0);
  for (const file of importers) expect(file).toMatch(/client\/src\/terminal\//);
});

/** The packages that get the environment and the time from their callers. The launcher and the demo app read both. */
const givenTheTime = ['contracts', 'store', 'authorization-server', 'policy', 'resource-proxy'] as const;

it('in the servers and their libraries, only main.ts and a helper of tests read process.env', () => {
  const readers = givenTheTime
    .flatMap(listSources)
    .filter((file) => readFileSync(file, 'utf8').includes('process.env'));
  // `test-run.ts` is for tests only. `javascript.ts` has `process.env` only in the text of an example program.
  for (const file of readers)
    expect(file).toMatch(/main\.ts$|store\/src\/test-run\.ts$|developers\/snippets\/javascript\.ts$/);
});

/**
 * Code that reads the date and time of the process: `new Date()`, `Date()`, `Date.now()`, `format()` without a date.
 * `performance.now()` is not among them: it measures how long something takes, and is never compared with a date.
 */
const wallClock =
  /\bnew Date(?!\s*\()|\bDate\(\s*\)|\bDate\.now\b|\btimeOrigin\b|\bTemporal\.Now\b|\.format(ToParts)?\(\s*\)/;

/**
 * The file in which a program begins, the files that date log lines, the proxy's clock, which follows the database's
 * clock, and three files that only tests use: one waits for midnight, one is a stub of a bucket, and one makes the seed
 * of the tests from the time.
 */
const clockReaders = [
  'authorization-server/src/log.ts',
  'authorization-server/src/main.ts',
  'resource-proxy/src/clock.ts',
  'resource-proxy/src/log.ts',
  'store/src/test-bucket.ts',
  'store/src/test-run.ts',
  'store/src/wait-past-midnight.ts',
];

it('in the servers and their libraries, only main.ts, the logs, the proxy’s clock and helpers of tests read the time', () => {
  const readers = givenTheTime.flatMap(listSources).filter((file) => wallClock.test(withoutComments(file)));
  expect(readers.map((file) => path.relative(packages, file)).sort()).toEqual(clockReaders);
});

/** AI vendors, and the names of their models. */
const vendorNames = /openai|anthropic|google|gemini|claude|gpt|whisper/i;

/** The only places that name a vendor. A vendor that speaks a known dialect is added as a row of data, without code. */
const vendorPlaces: readonly RegExp[] = [
  // The code of a dialect, which is named for the vendor that made it.
  /^(policy|resource-proxy)\/src\/(.*\/)?(openai|anthropic|google)\//,
  // A line for each dialect: these tables put the folders together, and do not compile without one of them.
  /^policy\/src\/fields\/field-tables\.ts$/,
  /^policy\/src\/money\/estimate\/estimate-table\.ts$/,
  /^resource-proxy\/src\/denials\/sdk-forms\.ts$/,
  /^resource-proxy\/src\/metering\/metering-table\.ts$/,
  /^resource-proxy\/src\/upstreams\/upstream-apis\.ts$/,
  // Data: dialects, operations, upstreams, names of models, limits and prices.
  /^policy\/src\/operations\/(dialects|dialect-operations)\.ts$/,
  /^policy\/src\/catalogue\/(aliases|name-model|name-rules|names|upstreams)\.ts$/,
  /^policy\/src\/catalogue\/vendors\//,
  /^policy\/src\/money\/(model-limits|own-prices)\.ts$/,
  // Generated from the descriptions of the APIs.
  /^contracts\/src\/.*\.generated\.ts$/,
  // A client program, which uses the vendors' SDKs, and the texts from which developers write such programs.
  /^demo-app\/src\//,
  /^authorization-server\/src\/developers\/(playground\.ts|snippets\/)/,
  /^launcher\/src\/start\/format-summary\.ts$/,
  // The formats of the vendors' bills, and the table of them.
  /^launcher\/src\/bills\/(vendors\/|bill-sources\.ts$)/,
  // The simulated upstream, which answers in place of the vendors, for development and tests.
  /^launcher\/src\/simulated-upstream\//,
];

describe('a vendor is named', () => {
  const named = [...Object.keys(allowed).flatMap(listSources), ...listCode('authorization-server/assets')]
    .map((file) => path.relative(packages, file).replaceAll(path.sep, '/'))
    .filter((file) => vendorNames.test(file) || vendorNames.test(readFileSync(path.join(packages, file), 'utf8')));

  it('only in the places of `vendorPlaces`', () => {
    expect(named.filter((file) => !vendorPlaces.some((place) => place.test(file)))).toEqual([]);
  });

  it.each(vendorPlaces.map((place) => [place.source, place] as const))('in %s', (_source, place) => {
    expect(named.some((file) => place.test(file))).toBe(true);
  });
});
