// For `npm run update:clients`: finds the newest version of each tool and library that the tests use as a client,
// writes these versions into packages/end-to-end/package.json, and prints the changes. Run `npm run test:clients` and
// `npm test` afterwards.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createEnvironment, root } from '../bootstrap/surroundings.mjs';
import { go, manifestFile, ownClient, python, readPinned } from './pinned.mjs';

const pinned = readPinned();
const before = readVersions();
run('pnpm', ['--filter', '@aipassport/end-to-end', 'update', '--latest', ...pinned.libraries]);
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
for (const name of Object.keys(pinned.npm)) manifest.clients.npm[name] = pinned.npm[name].map(findNewestForNpm);
for (const name of Object.keys(pinned.python))
  manifest.clients.python[name] = pinned.python[name].map(findNewestForPython);
for (const name of Object.keys(pinned.go)) manifest.clients.go[name] = pinned.go[name].map(findNewestForGo);
writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
const after = readVersions();
for (const name of Object.keys(after))
  if (after[name] !== before[name]) console.log(`${name} ${before[name]} -> ${after[name]}`);

/** @param requirement `name@version` */
function findNewestForNpm(requirement) {
  if (requirement === ownClient) return requirement;
  const [, name, major] = /^(.+)@(\d+)\.[^@]*$/.exec(requirement);
  if (!pinned.keepsMajor.includes(name)) return `${name}@${run('npm', ['view', name, 'version']).trim()}`;
  // npm lists the versions in ascending order, and a prerelease before its release
  const versions = JSON.parse(run('npm', ['view', name, 'versions', '--json']));
  return `${name}@${versions.findLast((version) => version.startsWith(`${major}.`))}`;
}

/** The versions by name. The name of a tool that is installed on demand begins with its kind: `python/openai`. */
function readVersions() {
  const { devDependencies, clients } = JSON.parse(readFileSync(manifestFile, 'utf8'));
  const onDemand = ['npm', 'python', 'go'].flatMap((kind) =>
    Object.entries(clients[kind]).map(([name, version]) => [`${kind}/${name}`, String(version)]),
  );
  return { ...devDependencies, ...Object.fromEntries(onDemand) };
}

/** @param requirement `name==version`; the name may have extras */
function findNewestForPython(requirement) {
  const [name] = requirement.split('==');
  const text = run(python, ['-m', 'pip', 'index', 'versions', name.replace(/\[.*/, '')]);
  // the first line is `name (version)`
  return `${name}==${/\(([^)]+)\)/.exec(text)[1]}`;
}

/** @param requirement `module@version`, or `module/cmd/program@version` */
function findNewestForGo(requirement) {
  const [name] = requirement.split('@');
  const [, version] = run(go, ['list', '-m', `${name.replace(/\/cmd\/.*/, '')}@latest`])
    .trim()
    .split(' ');
  return `${name}@${version}`;
}

function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root,
    env: createEnvironment(),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}${stdout ?? ''}`);
  return stdout;
}
