import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

interface Stage {
  readonly parent: string;
  readonly instructions: readonly (readonly [name: string, rest: string])[];
}

const stages = readStages();

/** The stages of the Dockerfile, by their names. */
function readStages(): ReadonlyMap<string, Stage> {
  const text = readFileSync(path.join(root, 'Dockerfile'), 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ');
  return new Map(
    [...text.matchAll(/^FROM (\S+) AS (\S+)\n((?:(?!FROM ).*(?:\n|$))*)/gm)].map(
      ([, parent = '', name = '', body = '']) => [
        name,
        {
          parent,
          instructions: [...body.matchAll(/^([A-Z]+) (.*)$/gm)].map(
            ([, verb = '', rest = '']) => [verb, rest] as const,
          ),
        },
      ],
    ),
  );
}

function listInstructions(stage: string, verb: string): readonly string[] {
  const { parent, instructions } = stages.get(stage) ?? { parent: '', instructions: [] };
  const own = instructions.flatMap(([name, rest]) => (name === verb ? [rest] : []));
  return [...(stages.has(parent) ? listInstructions(parent, verb) : []), ...own];
}

/** Runs a command of the Dockerfile in a directory, with packages from pnpm's store in place of the registry. */
function run(command: string, directory: string): void {
  const offline = command.replace('pnpm install ', 'pnpm install --offline ');
  const { status, stdout, stderr } = spawnSync('sh', ['-c', offline], {
    cwd: directory,
    env: { ...process.env, CI: 'true' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${offline} failed in ${directory}: ${stdout}${stderr}`);
}

/** Whether a file of a package is in the image. The stage `build` removes the other files. */
const isInImage = (file: string) => !/\/packages\/[\w-]+\/(node_modules|src|test|dist\/test)(\/|$)/.test(file);

/**
 * Makes the directory /app of one image, by the instructions of the Dockerfile. The compiled code is copied from
 * the checkout.
 */
export function makeImageTree(image: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), `aipassport-image-${image}-`));
  for (const copy of listInstructions('manifests', 'COPY')) {
    const parts = copy.split(' ');
    const target = path.join(directory, parts.at(-1) ?? '');
    mkdirSync(target, { recursive: true });
    for (const file of parts.slice(0, -1))
      if (file !== 'scripts/toolchain') cpSync(path.join(root, file), path.join(target, path.basename(file)));
  }
  const install = listInstructions(`${image}-dependencies`, 'RUN').at(-1) ?? '';
  run(install, directory);
  for (const copy of listInstructions(image, 'COPY')) {
    const [, source = '', target = ''] = /^--from=build \/app\/(\S+) (\S+)$/.exec(copy) ?? [];
    if (source === '') continue;
    cpSync(path.join(root, source), path.join(directory, target), { recursive: true, filter: isInImage });
  }
  return directory;
}

/** Writes the list of packages and the texts of their licenses, as the Dockerfile does. */
export function describeImage(image: string, directory: string): void {
  const program = `node scripts/images/describe-packages.mjs ${image}`;
  const [, runs = ''] = new RegExp(`${program} (\\S+)`).exec(listInstructions('build', 'RUN').join(' ')) ?? [];
  run(`${program} ${runs} ${directory}`, root);
}
