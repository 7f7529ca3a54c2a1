// Compiles what has changed, and removes compiled files whose source is gone, because jest would run them.
//   node scripts/compile.mjs [checkout]
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/surroundings.mjs';

const checkout = path.resolve(process.argv[2] ?? root);
const compiled = /\.(js|d\.ts)(\.map)?$/;

for (const directory of listPackages()) removeStale(directory);
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
const { status, error } = spawnSync(process.execPath, [tsc, '-b', checkout], { cwd: checkout, stdio: 'inherit' });
if (error) console.error(error.message);
process.exitCode = status ?? 1;

/** Lists the directories that may have a dist/. A file in dist/ has the relative path and the name of its source. */
function listPackages() {
  const packages = path.join(checkout, 'packages');
  return [...readdirSync(packages).map((name) => path.join(packages, name)), path.join(checkout, 'bench')];
}

function removeStale(directory) {
  const dist = path.join(directory, 'dist');
  if (!existsSync(dist)) return;
  for (const file of readdirSync(dist, { recursive: true })) {
    if (!compiled.test(file)) continue;
    const source = path.join(directory, file.replace(compiled, ''));
    if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) rmSync(path.join(dist, file));
  }
}
