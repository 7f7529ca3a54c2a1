import { createHash } from 'node:crypto';

const buildType = 'urn:aipassport:docker-build:1';

/**
 * Makes a statement that names what an image was built from: an in-toto statement with a predicate of SLSA
 * (https://slsa.dev/provenance/v1).
 * Its subjects are files of the image, because a build does not know the digest of its image. It is not signed.
 *
 * @param inputs `subjects` and `lockfiles` are the contents of files by their names. `commit`, `nodeImage` and
 *   `builder` are what the build was given; an empty text means that it was not given
 */
export function createProvenance({ image, subjects, lockfiles, commit, nodeImage, builder }) {
  if (commit !== '' && !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit))
    throw new Error('SOURCE_COMMIT must be the full hash of a commit, as `git rev-parse HEAD` prints it');
  const [, digest] = /@sha256:([0-9a-f]{64})$/.exec(nodeImage) ?? [];
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: listContents(subjects),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: { target: image, NODE_IMAGE: nodeImage, SOURCE_COMMIT: commit },
        resolvedDependencies: [
          ...(commit === '' ? [] : [{ name: 'source', digest: { gitCommit: commit } }]),
          ...listContents(lockfiles),
          // A tag can later name another image. Only a digest says which image was used.
          { uri: `docker-image://${nodeImage}`, ...(digest !== undefined && { digest: { sha256: digest } }) },
        ],
      },
      runDetails: { builder: { id: builder === '' ? 'urn:aipassport:unnamed-builder' : builder } },
    },
  };
  return `${JSON.stringify(statement, null, 2)}\n`;
}

function listContents(contents) {
  return Object.entries(contents).map(([name, content]) => ({
    name,
    digest: { sha256: createHash('sha256').update(content).digest('hex') },
  }));
}
