import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Mode } from '../options.js';
import type { Report } from './report.js';

const page = fileURLToPath(new URL('../../../../docs/performance.md', import.meta.url));
const pictureFile = fileURLToPath(new URL('../../../../docs/performance.svg', import.meta.url));

/** Writes a report to its place in docs/performance.md: between the two comments that name its mode. */
export function writeReport(mode: Mode, { section, picture }: Report): void {
  const text = readFileSync(page, 'utf8');
  const begin = `<!-- bench:${mode} -->`;
  const end = `<!-- /bench:${mode} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`${page} has no place for ${mode}`);
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${section}\n\n${text.slice(to)}`);
  if (picture !== undefined) writeFileSync(pictureFile, picture);
}
