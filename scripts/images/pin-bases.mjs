// Asks the registries for the present digests of all images that we do not build, and prints a line for each, for `.env`:
//   node scripts/images/pin-bases.mjs > bases.env
// This machine needs docker with buildx, and access to the registries.
import { execFileSync } from 'node:child_process';
import { listBases } from './list-bases.mjs';

const root = new URL('../../', import.meta.url);
const lines = listBases(root).map(([variable, image]) => `${variable}=${image}@${readDigest(image)}\n`);
process.stdout.write(lines.join(''));

function readDigest(image) {
  const args = ['buildx', 'imagetools', 'inspect', image, '--format', '{{json .Manifest}}'];
  const { digest } = JSON.parse(
    execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`the registry gave no digest of ${image}`);
  return digest;
}
