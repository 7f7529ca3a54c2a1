// Runs a command on any machine that has Node >= 20 and npm: makes Node 24 and pnpm available, installs the
// dependencies, compiles, and runs the command with that Node first on PATH. Steps that are already done are skipped.
//   node scripts/bootstrap.mjs start [options]       all programs, for `npm start`
//   node scripts/bootstrap.mjs dev [options]         `start`, compiled and restarted at each change, for `npm run dev`
//   node scripts/bootstrap.mjs test [jest options]   for `npm test`
//   node scripts/bootstrap.mjs one <pattern> [jest options]  the tests whose path matches, for `npm run test:one`
//   node scripts/bootstrap.mjs faults [jest options]  the long run of the fault tests, for `npm run test:faults`
//   node scripts/bootstrap.mjs rehearse-hosts [--write]  failures of hosts, for `npm run rehearse:hosts`
//   node scripts/bootstrap.mjs clients [jest options]  tests with tools installed on demand, for `npm run test:clients`
//   node scripts/bootstrap.mjs all [jest options]    `test`, slow tests and `clients`, for `npm run test:all`
//   node scripts/bootstrap.mjs aipassport <command>  the operator's commands
//   node scripts/bootstrap.mjs bench [mode] [options]  for `npm run bench`
//   node scripts/bootstrap.mjs update-catalogue [version]  models, aliases and prices
//   node scripts/bootstrap.mjs update-schema         schema.sql and migrations.sha256 of packages/store
//   node scripts/bootstrap.mjs pictures [--all]      docs/images, for `npm run pictures`
//   node scripts/bootstrap.mjs update-clients        versions of tools and libraries, for `npm run update:clients`
//   node scripts/bootstrap.mjs setup                 only prepare
//   node scripts/bootstrap.mjs exec <program> [arguments]
import path from 'node:path';
import { installDependencies } from './bootstrap/install-dependencies.mjs';
import { prepareToolchain } from './bootstrap/prepare-toolchain.mjs';
import { runCommand } from './bootstrap/run-command.mjs';
import { runStep, StepFailure } from './bootstrap/run-step.mjs';
import { createEnvironment, root } from './bootstrap/surroundings.mjs';
import { takeTurn } from './bootstrap/take-turn.mjs';
import { printClosingLine } from './closing-line.mjs';

const [mode = 'start', ...args] = process.argv.slice(2);
const launcher = ['--enable-source-maps', path.join(root, 'packages/launcher/dist/src/main.js')];
const jest = [
  '--experimental-vm-modules',
  '--no-warnings',
  path.join(root, 'node_modules/jest/bin/jest.js'),
  '--forceExit',
];
const tests = [path.join(root, 'scripts/test.mjs')];
/** `compiles`: whether this script compiles before it runs the program. `dev`, `test` and `all` compile themselves. */
const modes = {
  start: { compiles: true, program: 'node', args: [...launcher, 'start', ...args], hasChannel: true },
  dev: { program: 'node', args: [path.join(root, 'scripts/dev.mjs'), ...args], hasChannel: true },
  aipassport: { compiles: true, program: 'node', args: [...launcher, ...args] },
  test: { program: 'node', args: [...tests, 'own', ...args] },
  one: { compiles: true, program: 'node', args: [path.join(root, 'scripts/test-one.mjs'), ...args] },
  all: { program: 'node', args: [...tests, 'all', ...args] },
  faults: {
    compiles: true,
    program: 'node',
    // one file at a time, because these tests measure durations during a fault
    args: [
      ...jest,
      '--runInBand',
      '--selectProjects',
      'store',
      'authorization-server',
      'resource-proxy',
      'end-to-end',
      // also runs the property tests, the race of requests with revocations, and the comparison of the times of
      // sign-ins
      '--testPathPatterns=/faults/|-model\\.test|/end-to-end/dist/test/revocation\\.test|/guessing\\.test',
      ...args,
    ],
    environment: { FAULTS: 'long' },
  },
  'rehearse-hosts': {
    compiles: true,
    program: 'node',
    args: [path.join(root, 'scripts/rehearse-hosts.mjs'), ...args],
  },
  clients: { compiles: true, program: 'node', args: [...tests, 'clients', ...args] },
  bench: {
    compiles: true,
    program: 'node',
    args: ['--enable-source-maps', path.join(root, 'bench/dist/src/main.js'), ...args],
  },
  'update-catalogue': {
    compiles: true,
    program: 'node',
    args: [path.join(root, 'scripts/update-catalogue.mjs'), ...args],
  },
  'update-schema': { compiles: true, program: 'node', args: [path.join(root, 'scripts/update-schema.mjs')] },
  pictures: { compiles: true, program: 'node', args: [path.join(root, 'scripts/take-pictures.mjs'), ...args] },
  'update-clients': { program: 'node', args: [path.join(root, 'scripts/clients/update-clients.mjs')] },
  setup: { compiles: true },
  exec: { program: args[0], args: args.slice(1), cwd: process.cwd() },
};

try {
  const { compiles, program, environment: own, ...options } = modes[mode] ?? {};
  if (!(mode in modes)) throw new StepFailure(`unknown command ${mode}; one of ${Object.keys(modes).join(', ')}`);
  if (mode === 'one' && args.length === 0)
    throw new StepFailure('Say which: npm run test:one -- <part of the path of a test file> [jest options]');
  const endTurn = await takeTurn();
  const environment = createEnvironment();
  const toolchain = prepareToolchain(environment);
  environment.PATH = [...toolchain.path, environment.PATH].join(path.delimiter);
  installDependencies(toolchain, environment);
  if (compiles) runStep('Compile', toolchain.node, [path.join(root, 'scripts/compile.mjs')], { env: environment });
  endTurn();
  if (program !== undefined)
    runCommand(program === 'node' ? toolchain.node : program, {
      cwd: root,
      ...options,
      env: { ...environment, ...own },
    });
} catch (error) {
  if (!(error instanceof StepFailure)) throw error;
  console.error(error.message);
  if (['test', 'one', 'all', 'faults', 'clients'].includes(mode))
    printClosingLine({ passed: 0, failed: 1, skipped: 0 });
  process.exitCode = 1;
}
