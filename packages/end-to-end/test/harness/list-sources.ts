import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with all packages. */
export const packages = fileURLToPath(new URL('../../../../', import.meta.url));

/** The source files of a package. */
export function listSources(name: string): string[] {
  return listCode(`${name}/src`);
}

/** The files with code in a folder of the packages. */
export function listCode(folder: string): string[] {
  return readdirSync(path.join(packages, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(tsx?|js|css)$/.test(file))
    .map((file) => path.join(packages, folder, file));
}

export function withoutComments(file: string): string {
  return readFileSync(file, 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '');
}
