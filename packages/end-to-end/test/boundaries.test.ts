import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const packages = fileURLToPath(new URL('../../../', import.meta.url));

/** Which of our packages each may import, and through which doors: docs/architecture.md draws the same. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  policy: ['contracts'],
  store: ['contracts', 'policy'],
  'authorization-server': ['contracts', 'policy', 'store', 'store/authorization'],
  'resource-proxy': ['contracts', 'policy', 'store', 'store/proxying'],
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
    'resource-proxy',
    'resource-proxy/environment',
    'resource-proxy/main',
    'resource-proxy/operating',
    'demo-app/main',
  ],
};

function listSources(name: string): string[] {
  const folder = path.join(packages, name, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => path.join(folder, file));
}

function listImports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import|import\.meta\.resolve|import)\s*\(?\s*'([^']+)'/g)].flatMap(
    ([, name]) => name ?? [],
  );
}

it('knows every package', () => {
  expect(readdirSync(packages).sort()).toEqual([...Object.keys(allowed), 'end-to-end'].sort());
});

describe.each(Object.entries(allowed))('%s', (name, doors) => {
  const files = listSources(name);

  it('imports only what the arrows allow', () => {
    expect(files.length).toBeGreaterThan(0);
    const ours = files.flatMap((file) => listImports(file).filter((imported) => imported.startsWith('@aipassport/')));
    for (const imported of ours) expect(doors.map((door) => `@aipassport/${door}`)).toContain(imported);
  });

  it('reaches into no other package by its path', () => {
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

it.each([
  ['oidc-provider', /authorization-server\/src\/oidc\//],
  ['pg', /store\/src\/|launcher\/src\//],
  ['http-proxy', /resource-proxy\/src\/forwarding\//],
  ['undici', /resource-proxy\/src\//],
])('only its own place imports %s', (library, place) => {
  const importers = Object.keys(allowed)
    .flatMap(listSources)
    .filter((file) => listImports(file).includes(library));
  expect(importers.length).toBeGreaterThan(0);
  for (const file of importers) expect(file).toMatch(place);
});

it('reads process.env and the clock of the process only where a program begins', () => {
  const readers = ['authorization-server', 'resource-proxy']
    .flatMap(listSources)
    .filter((file) => readFileSync(file, 'utf8').includes('process.env'));
  for (const file of readers) expect(file).toMatch(/main\.ts$/);
});
