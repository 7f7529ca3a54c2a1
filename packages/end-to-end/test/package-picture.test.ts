import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The direct dependencies of each package on other packages of the repository, by the names of their folders. */
const manifests = new Map(
  globSync(['packages/*/package.json', 'bench/package.json', 'examples/package.json'], { cwd: root }).map((file) => {
    const { dependencies, devDependencies } = JSON.parse(read(file)) as Manifest;
    const names = Object.keys({ ...dependencies, ...devDependencies });
    const ours = names
      .filter((name) => name.startsWith('@aipassport/'))
      .map((name) => name.slice('@aipassport/'.length));
    return [path.basename(path.dirname(file)), ours] as const;
  }),
);
const picture = readPicture();

/** The arrows of each package in the picture. A label begins with the name of its package. */
function readPicture(): ReadonlyMap<string, readonly string[]> {
  const [, diagram = ''] = /```mermaid\n(flowchart BT[\s\S]*?)```/.exec(read('docs/development.md')) ?? [];
  const names = new Map([...diagram.matchAll(/(\S+)\["([\w-]+)/g)].map(([, id = '', name = '']) => [id, name]));
  const arrows = [...diagram.matchAll(/^ *(\S+?)(?:\[.*\])? --> (\S+)$/gm)].map(
    ([, from = '', to = '']) => [names.get(from), names.get(to)] as const,
  );
  return new Map(
    [...names.values()].map((name) => [name, arrows.flatMap(([from, to = 'unknown']) => (from === name ? [to] : []))]),
  );
}

function listReached(from: string): readonly string[] {
  return (picture.get(from) ?? []).flatMap((name) => [name, ...listReached(name)]);
}

it('the picture in docs/development.md shows every package', () => {
  expect([...picture.keys()].sort()).toEqual([...manifests.keys()].sort());
});

it.each([...manifests])(
  'each arrow of %s is a dependency, and all its dependencies are reached by following arrows',
  (name, dependencies) => {
    expect(picture.get(name)?.filter((arrow) => !dependencies.includes(arrow))).toEqual([]);
    expect(dependencies.filter((dependency) => !listReached(name).includes(dependency))).toEqual([]);
  },
);
