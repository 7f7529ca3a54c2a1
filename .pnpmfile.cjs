// Corrects the manifests of third-party packages when pnpm reads them. The lockfile depends on it, so every install
// needs this file too.

/**
 * Has optional peer dependencies on test runners, for its test helpers. Without this correction, pnpm would install our
 * test runner in production too.
 */
const withoutTestRunner = '@copilotkit/aimock';

module.exports = {
  hooks: {
    readPackage(manifest) {
      if (manifest.name !== withoutTestRunner) return manifest;
      return { ...manifest, peerDependencies: {}, peerDependenciesMeta: {} };
    },
  },
};
