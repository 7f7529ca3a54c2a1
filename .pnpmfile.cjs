// What pnpm reads of other people's packages, corrected. Part of the lockfile: whoever installs needs this file too.

/** Its helpers for tests want a test runner, if there is one. Ours would come along into production. */
const withoutTestRunner = '@copilotkit/aimock';

module.exports = {
  hooks: {
    readPackage(manifest) {
      if (manifest.name !== withoutTestRunner) return manifest;
      return { ...manifest, peerDependencies: {}, peerDependenciesMeta: {} };
    },
  },
};
