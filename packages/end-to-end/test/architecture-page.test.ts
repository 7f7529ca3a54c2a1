import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const root = new URL('../../../../', import.meta.url);
const proxy = new URL('packages/resource-proxy/src/', root);
const page = readFileSync(new URL('docs/architecture.md', root), 'utf8');
const authentication = readFileSync(new URL('authenticate-request.ts', proxy), 'utf8');
/** The source of the file of `runSteps`, with the body of `authenticateRequest` in place of its call. */
const story = readFileSync(new URL('handle-proxied-request.ts', proxy), 'utf8').replace(
  'await authenticateRequest(deps, exchange)',
  () => authentication.slice(authentication.indexOf('{\n  const')),
);

/** The name of each step's file, by the name of the function that it exports. */
const files = new Map(
  [...`${authentication}${story}`.matchAll(/import \{ ([^}]+) \} from '\.\/steps\/([^']+)\.js'/g)].flatMap(
    ([, names = '', file = '']) => names.split(', ').map((name) => [name, file] as const),
  ),
);

/** The files of the steps, each once, in the order in which `runSteps` first names them. */
function listSteps(): readonly string[] {
  const body = story.slice(story.indexOf('async function runSteps'));
  const named = [...body.matchAll(/\b([a-zA-Z]+)\(/g)].flatMap(([, name = '']) => files.get(name) ?? []);
  return [...new Set(named)];
}

/** The names in bold in the numbered list, in their order. */
function listNamedSteps(): readonly string[] {
  const section = page.slice(
    page.indexOf('## Life of a request'),
    page.indexOf('After an exception no later step runs.'),
  );
  return [...section.matchAll(/\*\*([a-z-]+)\*\*/g)].flatMap(([, name]) => name ?? []);
}

it('the architecture page names every file in steps/, and no other', () => {
  const present = readdirSync(fileURLToPath(new URL('steps/', proxy))).map((file) => file.replace(/\.ts$/, ''));
  expect(present.length).toBeGreaterThan(15);
  expect([...listNamedSteps()].sort()).toEqual(present.sort());
});

it('the architecture page names the steps in the order in which they run', () => {
  const running = listSteps();
  expect(running.length).toBeGreaterThan(15);
  // The page names these two with the step that calls them or uses their result, so their place in the list differs.
  const elsewhere = ['drop-unknown', 'refine-cost'];
  const inOrder = (names: readonly string[]) =>
    names.filter((name) => running.includes(name) && !elsewhere.includes(name));
  expect(inOrder(listNamedSteps())).toEqual(inOrder(running));
});

/** The names of folders in the item of a package, with the items below it. */
function listNamedFolders(name: string): readonly string[] {
  const section = page.slice(page.indexOf('### Folders of `src`'), page.indexOf('## Life of a grant'));
  const item = section.split(/^- /m).find((text) => text.startsWith(`\`${name}\`:`)) ?? '';
  return [...item.matchAll(/`([a-z-]+)\/`/g)].flatMap(([, folder]) => folder ?? []);
}

const packages = [
  'contracts',
  'policy',
  'store',
  'authorization-server',
  'resource-proxy',
  'launcher',
  'client',
  'demo-app',
];

it.each(packages)('the architecture page names every folder of %s, and no other', (name) => {
  const source = new URL(`packages/${name}/src/`, root);
  const folders = readdirSync(fileURLToPath(source), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect([...listNamedFolders(name)].sort()).toEqual(folders.map((folder) => folder.name).sort());
});
