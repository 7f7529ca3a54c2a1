import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { formatPath, paths } from '../endpoints.js';

/** The one file that pages load. Its address changes with its content, so browsers may keep it for ever. */
export interface Stylesheet {
  readonly path: string;
  readonly text: string;
}

/** Combines Pico with our own rules, which come after it. */
export async function loadStylesheet(): Promise<Stylesheet> {
  const pico = fileURLToPath(import.meta.resolve('@picocss/pico/css/pico.blue.min.css'));
  const own = new URL('../../../assets/pages.css', import.meta.url);
  const text = `${await readFile(pico, 'utf8')}\n${await readFile(own, 'utf8')}`;
  const version = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { path: formatPath(paths.stylesheet, `${version}.css`), text };
}
