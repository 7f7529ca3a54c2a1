// The tools that `npm run test:clients` tries, with their versions: one place, updated by `npm run update:clients`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/surroundings.mjs';

export const manifestFile = path.join(root, 'packages/end-to-end/package.json');

/**
 * `npm` and `python` are installed on demand: for each tool a list of packages, with their versions. `libraries` are
 * dependencies of the workspace, which pnpm keeps. An update takes the newest version of the same major for what
 * `keepsMajor` names.
 *
 * @returns {{ libraries: string[], keepsMajor: string[], npm: Record<string, string[]>, python: Record<string, string[]> }}
 */
export function readPinned() {
  return JSON.parse(readFileSync(manifestFile, 'utf8')).clients;
}

/** The Python whose libraries are tried. */
export const python = process.env.CLIENTS_PYTHON ?? 'python3';
