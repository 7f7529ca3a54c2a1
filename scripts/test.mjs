// Runs the checks and tests of `npm test`, cheapest first. The first check that fails ends the run.
//   node scripts/test.mjs own [jest options]      for `npm test`
//   node scripts/test.mjs clients [jest options]  for `npm run test:clients`
//   node scripts/test.mjs all [jest options]      both and the slow tests, with one total, for `npm run test:all`
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { packages, slowTests } from '../jest.config.mjs';
import { root } from './bootstrap/surroundings.mjs';
import { takeTurn } from './bootstrap/take-turn.mjs';
import { testClients } from './clients/test-clients.mjs';
import { printClosingLine } from './closing-line.mjs';
import { runJest } from './run-jest.mjs';

/** The checks before the tests. A label says what is checked. bootstrap.mjs adds node_modules/.bin to the PATH. */
const checks = [
  { label: 'The types made from openapi/ are current', command: 'pnpm --silent --filter @aipassport/contracts check' },
  {
    label: 'The API descriptions are sound',
    command: 'redocly lint openapi/authorization-server.yaml openapi/admin.yaml openapi/resource-proxy.yaml',
  },
  { label: 'The code is formatted and its imports are sorted', command: 'biome check' },
  { label: 'The code compiles', command: 'node scripts/compile.mjs', takesTurn: true },
  { label: 'docs/configuration.md is current', command: 'node scripts/generate-configuration.mjs --check' },
  { label: 'docs/metrics.md is current', command: 'node scripts/generate-metrics.mjs --check' },
  { label: 'docs/upstreams.md is current', command: 'node scripts/generate-upstreams.mjs --check' },
  {
    label: 'The request schemas in openapi/ are current',
    command: 'node scripts/generate-request-schemas.mjs --check',
  },
  // needs the packages' compiled declarations
  { label: 'The linter finds nothing', command: 'oxlint --type-aware --deny-warnings' },
];

/** A test file of these packages is one process, which often waits for its database. */
const cheap = packages.filter((name) => name !== 'launcher' && name !== 'end-to-end');
const cores = availableParallelism();
/** A test file of the other packages starts several processes, so fewer files run at a time. */
const ofMany = Math.max(2, Math.floor(cores / 2));
/**
 * End-to-end tests that measure short times, so no other test runs beside them. All other tests wait for an event,
 * within limits that suit a busy machine.
 */
const measuring = '/end-to-end/dist/test/(revocation|start|faults/(bystander|pressure))\\.test\\.js';
const slow = slowTests.source;
// Some of the modules that a test file loads stay in the memory of its process. A process that has become too large is
// replaced.
const memory = '--workerIdleMemoryLimit=600MB';
/** Runs the files whose path ends with a match of `pattern`. */
const run = (workers, pattern, ...rest) => [
  `--maxWorkers=${workers}`,
  memory,
  `--testPathPatterns=${pattern}`,
  ...rest,
];
/** Matches the files that match none of these patterns. */
const none = (...patterns) => `/[^/]+(?<!${patterns.join('|')})$`;
const both = (one, other) => `(?<=${one})(?<=${other})$`;
const butNot = (pattern, other) => `(?<=${pattern})(?<!${other})$`;
const many = ['--selectProjects', 'launcher', 'end-to-end'];
const ownRuns = [
  run(cores + 1, none(slow), '--selectProjects', ...cheap),
  run(ofMany, none(measuring, slow), ...many),
  run(1, butNot(measuring, slow)),
];
const slowRuns = [run(ofMany, butNot(slow, measuring)), run(1, both(slow, measuring))];

const [, , suite, ...options] = process.argv;
const env = {
  ...process.env,
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  NODE_COMPILE_CACHE: path.join(root, 'node_modules/.cache/compiled'),
};

const runs = [];
if (suite !== 'clients') {
  await runChecks();
  const everyRun = suite === 'all' ? [...ownRuns, ...slowRuns] : ownRuns;
  for (const args of options.length === 0 ? everyRun : [options]) runs.push(() => runJest(args, env));
}
if (suite !== 'own') runs.push(() => testClients(options, env));

let status = 0;
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const run of runs) {
  const { code, counts, isInterrupted } = await run();
  status ||= code;
  for (const name of Object.keys(sum)) sum[name] += counts[name];
  if (isInterrupted) break;
}
printClosingLine(sum);
process.exit(status);

/** Ends this process when a check fails. */
async function runChecks() {
  for (const { label, command, takesTurn } of checks) {
    const [program = '', ...args] = command.split(' ');
    const endTurn = takesTurn ? await takeTurn() : undefined; // `npm start` may be compiling at this moment
    const startedAt = performance.now();
    const result = spawnSync(program, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
    endTurn?.();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (result.status !== 0) {
      console.error(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`);
      console.error(`${label}: NO (${seconds} s)\nTo see this alone: npm run x -- ${command}`);
      printClosingLine({ passed: 0, failed: 1, skipped: 0 });
      process.exit(1);
    }
    console.error(`${label} ... ${seconds} s`);
  }
}
