import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Asset, nameAsset } from './asset.js';

/** The rules of all pages. */
export type Stylesheet = Asset;

/** Combines Pico with our own rules, which come after it. */
export async function loadStylesheet(): Promise<Stylesheet> {
  const pico = fileURLToPath(import.meta.resolve('@picocss/pico/css/pico.blue.min.css'));
  const own = new URL('../../../assets/pages.css', import.meta.url);
  const text = `${await readFile(pico, 'utf8')}\n${await readFile(own, 'utf8')}`;
  return nameAsset(text, 'css');
}
