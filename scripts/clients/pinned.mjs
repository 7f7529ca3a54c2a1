// The tools that `npm run test:clients` tries, and their versions. `npm run update:clients` updates the versions.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/surroundings.mjs';

export const manifestFile = path.join(root, 'packages/end-to-end/package.json');

/** The entry in a list of packages that stands for our own library, packed as it would be published. */
export const ownClient = '@aipassport/client@workspace';

/**
 * The tools in `npm`, `python` and `go` are installed on demand: each has a list of packages with their versions.
 * `libraries` are dependencies of the workspace, which pnpm installs. For the packages in `keepsMajor`, an update takes
 * the newest version of the same major.
 *
 * @returns {{ libraries: string[], keepsMajor: string[], npm: Record<string, string[]>, python: Record<string,
 * string[]>, go: Record<string, string[]> }}
 */
export function readPinned() {
  return JSON.parse(readFileSync(manifestFile, 'utf8')).clients;
}

/** The Go toolchain that runs the Go clients. They are skipped where it is not installed. */
export const go = process.env.CLIENTS_GO ?? 'go';

/** The Python interpreter that runs the Python clients. */
export const python = process.env.CLIENTS_PYTHON ?? 'python3';
