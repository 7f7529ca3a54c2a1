/** Tests run on the compiled ESM: no transform at all, so what is tested is what runs. */
const project = (name) => ({
  displayName: name,
  rootDir: `packages/${name}`,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/dist/test/**/*.test.js'],
  transform: {},
});

export default {
  projects: [
    'contracts',
    'policy',
    'store',
    'authorization-server',
    'resource-proxy',
    'launcher',
    'demo-app',
    'end-to-end',
  ].map(project),
  globalSetup: '<rootDir>/scripts/jest/start-postgres.mjs',
  globalTeardown: '<rootDir>/scripts/jest/stop-postgres.mjs',
  reporters: ['default', '<rootDir>/scripts/jest/closing-line.mjs'],
  testTimeout: 60_000,
};
