import path from 'node:path';
import { packages } from '../../jest.config.mjs';

/** This file takes two minutes. If it started near the end, the other workers would have nothing to do meanwhile. */
const longest = /\/end-to-end\/dist\/test\/side-by-side\.test\.js$/;

/**
 * Orders the test files: those of cheap packages first. The file `longest` is the first of its package. All other files
 * of a package are ordered by name. Every run has the same order.
 */
export default class CheapFirst {
  sort(tests) {
    return [...tests].sort(
      (a, b) =>
        rank(a) - rank(b) ||
        Number(longest.test(b.path)) - Number(longest.test(a.path)) ||
        a.path.localeCompare(b.path),
    );
  }
  shard(tests, { shardIndex, shardCount }) {
    return this.sort(tests).filter((_, index) => index % shardCount === shardIndex - 1);
  }
  allFailedTests(tests) {
    return tests;
  }
  cacheResults() {}
}

function rank(test) {
  return packages.indexOf(path.basename(test.context.config.rootDir));
}
