import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { composeFiles, readServices, root } from './compose-files.js';
import { useTemporaryDirectories } from './temporary-directory.js';

const makeDirectory = useTemporaryDirectories();
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');

it('every third-party image can be replaced with a variable, in the Dockerfile and in each compose file', () => {
  const bases = [...read('Dockerfile').matchAll(/^FROM (\S+) AS (\S+)$/gm)];
  const stages = bases.map(([, , stage]) => stage);
  const foreign = bases.map(([, base]) => base).filter((base) => !stages.includes(base));
  expect(new Set(foreign)).toEqual(new Set(['${NODE_IMAGE}']));
  const images = composeFiles.flatMap((file) => Object.values(readServices(file)).flatMap(({ image }) => image ?? []));
  const own = ['aipassport', 'aipassport-simulator'];
  for (const image of images.filter((name) => !own.includes(name))) expect(image).toMatch(/^\$\{[A-Z]+_IMAGE:-\S+\}$/);
});

/** Runs `pin-bases.mjs` with a program in place of `docker`, because no test reaches a registry. */
function pinBases(docker: string) {
  const directory = makeDirectory();
  writeFileSync(path.join(directory, 'docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
  const program = fileURLToPath(new URL('scripts/images/pin-bases.mjs', root));
  return spawnSync(process.execPath, [program], {
    env: { PATH: `${directory}:${process.env['PATH']}` },
    encoding: 'utf8',
  });
}

it('pin-bases prints each image with the digest that the registry gives, as a line of .env', () => {
  const { stdout, status } = pinBases(
    '[ "$1 $2 $3 $5 $6" = "buildx imagetools inspect --format {{json .Manifest}}" ] || exit 1\n' +
      'printf \'{"mediaType":"index","digest":"sha256:%s"}\' "$(printf %s "$4" | sha256sum | cut -c1-64)"',
  );
  expect(status).toBe(0);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const pinned = lines.map((line) => /^(\w+)=(\S+)@sha256:(\w+)$/.exec(line) ?? []);
  const names = ['ALERTMANAGER', 'CADDY', 'GRAFANA', 'NODE', 'POSTGRES', 'PROMETHEUS'].map((name) => `${name}_IMAGE`);
  expect(pinned.map(([, name]) => name)).toEqual(names);
  for (const [line, , image = '', digest] of pinned) expect([line, digest]).toEqual([line, hash(image)]);
  expect(stdout).toContain('\nNODE_IMAGE=node:24-bookworm-slim@sha256:');
});

it('pin-bases prints nothing when the registry gives no digest', () => {
  for (const docker of ['exit 1', 'echo "{}"', 'echo \'{"digest":"latest"}\'']) {
    const { stdout, status } = pinBases(docker);
    expect([stdout, status]).toEqual(['', 1]);
  }
});

interface Statement {
  readonly subject: readonly unknown[];
  readonly predicate: { readonly buildDefinition: Record<string, unknown>; readonly runDetails: unknown };
}

/** Calls the script's function in a separate process, as the build does. */
function createProvenance(changes: Record<string, unknown>): Statement {
  const module = new URL('scripts/images/create-provenance.mjs', root).href;
  const inputs = {
    image: 'resource-proxy',
    subjects: { 'sbom.cdx.json': 'a list' },
    lockfiles: { 'pnpm-lock.yaml': 'a lockfile' },
    commit: '',
    nodeImage: 'node:24-bookworm-slim',
    builder: '',
    ...changes,
  };
  const code = `import { createProvenance } from '${module}'; console.log(createProvenance(${JSON.stringify(inputs)}))`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Statement;
}

it('the provenance names the hashes of what is in the image, and the commit, the lockfile, the base and the builder', () => {
  const commit = 'c'.repeat(40);
  const nodeImage = `node:24-bookworm-slim@sha256:${'d'.repeat(64)}`;
  expect(createProvenance({ commit, nodeImage, builder: 'https://ci.example.com' })).toEqual({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'sbom.cdx.json', digest: { sha256: hash('a list') } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:aipassport:docker-build:1',
        externalParameters: { target: 'resource-proxy', NODE_IMAGE: nodeImage, SOURCE_COMMIT: commit },
        resolvedDependencies: [
          { name: 'source', digest: { gitCommit: commit } },
          { name: 'pnpm-lock.yaml', digest: { sha256: hash('a lockfile') } },
          { uri: `docker-image://${nodeImage}`, digest: { sha256: 'd'.repeat(64) } },
        ],
      },
      runDetails: { builder: { id: 'https://ci.example.com' } },
    },
  });
});

it('the provenance states only what the build was given, and refuses a commit that is not given by its full hash', () => {
  const { predicate } = createProvenance({});
  expect(predicate.buildDefinition['resolvedDependencies']).toEqual([
    { name: 'pnpm-lock.yaml', digest: { sha256: hash('a lockfile') } },
    { uri: 'docker-image://node:24-bookworm-slim' },
  ]);
  for (const name of ['main', 'c'.repeat(7)])
    expect(() => createProvenance({ commit: name })).toThrow('SOURCE_COMMIT must be the full hash of a commit');
});

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
