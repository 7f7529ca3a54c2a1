import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runStep } from './run-step.mjs';
import { root, withoutNodeEnv } from './surroundings.mjs';

const stampFile = path.join(root, 'node_modules/.bootstrap-stamp');

/** Installs the versions in pnpm-lock.yaml, unless this was already done with these manifests and this Node. */
export function installDependencies(toolchain, environment) {
  const stamp = hashManifests(toolchain.node);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  runStep(
    'Install the dependencies',
    toolchain.node,
    [toolchain.pnpm, 'install', '--frozen-lockfile', '--prefer-offline'],
    // With `CI`, pnpm does not ask before it replaces node_modules.
    { env: { ...withoutNodeEnv(environment), CI: 'true' } },
  );
  writeFileSync(stampFile, stamp);
}

function hashManifests(node) {
  const packages = readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}/package.json`);
  const hash = createHash('sha256').update(node);
  for (const name of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...packages]) {
    const file = path.join(root, name);
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}
