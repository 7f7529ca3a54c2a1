/** The packages, in the order in which jest runs their tests. */
export const packages = [
  'contracts',
  'policy',
  'store',
  'authorization-server',
  'resource-proxy',
  'launcher',
  'client',
  'demo-app',
  'end-to-end',
];

/**
 * Test files that `npm test` leaves out, so that it stays within 15 minutes on two cores: the experiments with faults,
 * the other files that take more than 20 seconds, and some that wait or run other programs for most of their time.
 * `npm run test:all` runs them too. One of the walks through the pages is not among them, so that every run has one.
 */
const slowFiles = {
  store: 'admission-model|expiry',
  'authorization-server': [
    'account-mail|audit-refusals|email|grant-changes|grant-limits|guessing|mailing|notices|overlapping-consents',
    'password-reset-mail|process|provider-keys|races|snippets|text',
  ].join('|'),
  'resource-proxy': 'admission/concurrent-model|key-refusals',
  launcher: 'backup|dev|images|restarts|start',
  'end-to-end': [
    'arriving-pages|browser|client-guide|consent-shift|consent-size|device|doctor-tokens|email-pages|key-rotation|key-rotation-transit|key-secrecy|logos',
    'one-place|outages|own-models|pages|password-memory|playground|races|side-by-side|stop|stored-state|traces|user-guide',
    'secret-rotation|warnings|clients/oidc-client-ts',
    'connect-your-ai/(example-in-browser|examples-in-terminals|nonces)',
    'faults/.+',
    'operator-acts',
    'walks/(?!connections\\.).+',
  ].join('|'),
};
const slowPaths = Object.entries(slowFiles).map(([name, files]) => `${name}/dist/test/(${files})`);
export const slowTests = new RegExp(`/(${slowPaths.join('|')})\\.test\\.js`);

/** Tests run on the compiled ESM without any transform, so the tested code is the code that runs. */
const project = (name) => ({
  displayName: name,
  rootDir: `packages/${name}`,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/dist/test/**/*.test.js'],
  // the tests of the tools that `npm run test:clients` installs
  testPathIgnorePatterns: process.env.INSTALLED_CLIENTS ? [] : ['/clients/on-demand/'],
  transform: {},
});

export default {
  projects: packages.map(project),
  globalSetup: '<rootDir>/scripts/jest/start-postgres.mjs',
  globalTeardown: '<rootDir>/scripts/jest/stop-postgres.mjs',
  reporters: ['default', '<rootDir>/scripts/jest/closing-line.mjs'],
  testSequencer: '<rootDir>/scripts/jest/cheap-first.mjs',
  testTimeout: 60_000,
  // many test files start several processes, which use the other half of the cores
  maxWorkers: '50%',
};
