/** In the order of their dependencies, which is also that of what their tests cost. */
export const packages = [
  'contracts',
  'policy',
  'store',
  'authorization-server',
  'resource-proxy',
  'launcher',
  'demo-app',
  'end-to-end',
];

/** Tests run on the compiled ESM: no transform at all, so what is tested is what runs. */
const project = (name) => ({
  displayName: name,
  rootDir: `packages/${name}`,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/dist/test/**/*.test.js'],
  // tools that `npm run test:clients` installs
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
  // a test of ours is several processes: the other half of the cores is theirs
  maxWorkers: '50%',
};
