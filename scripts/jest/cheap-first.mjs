import path from 'node:path';
import { packages } from '../../jest.config.mjs';

/** The order of test files: cheap packages first, then by name, so that two runs read alike. */
export default class CheapFirst {
  sort(tests) {
    return [...tests].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
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
