// `npm run test:one -- <pattern> [jest options]`: runs the test files whose path matches. The pattern is a regular
// expression, which must match the path of the source or of the compiled file, relative to the checkout.
import { globSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/surroundings.mjs';
import { printClosingLine } from './closing-line.mjs';
import { runJest } from './run-jest.mjs';

const [, , given = '', ...options] = process.argv;
const pattern = new RegExp(given.replace(root + path.sep, '').replace(/^\.\//, ''));
// the files in on-demand/ need the tools that `npm run test:clients` installs
const files = globSync('packages/*/dist/test/**/*.test.js', { cwd: root, exclude: ['**/on-demand/**'] });
const chosen = files.filter((file) => pattern.test(file) || pattern.test(nameSource(file)));

if (chosen.length > 0) {
  const { code, counts } = await runJest(['--runTestsByPath', ...chosen, ...options], process.env);
  printClosingLine(counts);
  process.exitCode = code;
} else {
  console.error(`No test file has a path that matches ${given}. (npm run test:clients runs those in on-demand/.)`);
  printClosingLine({ passed: 0, failed: 1, skipped: 0 });
  process.exitCode = 1;
}

function nameSource(file) {
  return file.replace('/dist/test/', '/test/').replace(/\.js$/, '.ts');
}
