// Corrects third-party manifests when pnpm reads them. The lockfile depends on this file, so every installation needs it.

/** It has test runners as optional peers. Without this correction, our test runner is installed in production. */
const withoutTestRunner = '@copilotkit/aimock';

module.exports = {
  hooks: {
    readPackage(manifest) {
      if (manifest.name !== withoutTestRunner) return manifest;
      return { ...manifest, peerDependencies: {}, peerDependenciesMeta: {} };
    },
  },
};
