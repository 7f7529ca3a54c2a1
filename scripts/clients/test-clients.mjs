// For `npm run test:clients`: installs the command-line tools and Python's libraries, and tries them. What cannot be
// installed is skipped, and counted as such. Arguments go to jest.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from '../bootstrap/surroundings.mjs';
import { installClients } from './install-clients.mjs';

const jest = [
  '--experimental-vm-modules',
  '--no-warnings',
  path.join(root, 'node_modules/jest/bin/jest.js'),
  '--forceExit',
  // they are heavy: one file at a time
  '--runInBand',
  '--selectProjects',
  'end-to-end',
  '--testPathPatterns=/clients/',
];
const { status } = spawnSync(process.execPath, [...jest, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, INSTALLED_CLIENTS: JSON.stringify(installClients()) },
});
process.exitCode = status ?? 1;
