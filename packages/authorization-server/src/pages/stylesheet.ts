import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Asset, nameAsset } from './asset.js';

/** The CSS of all pages, in one file. */
export type Stylesheet = Asset;

/** Combines Pico with our own rules, which come after it so that they override it. */
export async function loadStylesheet(): Promise<Stylesheet> {
  const pico = fileURLToPath(import.meta.resolve('@picocss/pico/css/pico.blue.min.css'));
  const own = new URL('../../../assets/pages.css', import.meta.url);
  const text = `${await readFile(pico, 'utf8')}\n${await readFile(own, 'utf8')}`;
  return nameAsset(text, 'css');
}
