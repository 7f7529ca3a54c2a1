import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Asset, nameAsset } from './asset.js';

/** The CSS of all pages, in one file. */
export type Stylesheet = Asset;

/** The files in `assets/styles`. If two rules set the same property with equal weight, the later rule applies. */
const files = [
  'base',
  'frame',
  'forms',
  'request',
  'consent',
  'chips',
  'access',
  'usage',
  'account',
  'overview',
  'tables',
  'developers',
];

/** Combines Pico with our own rules, which come after it so that they override it. */
export async function loadStylesheet(): Promise<Stylesheet> {
  const pico = fileURLToPath(import.meta.resolve('@picocss/pico/css/pico.blue.min.css'));
  const own = files.map((name) => new URL(`../../../assets/styles/${name}.css`, import.meta.url));
  const texts = await Promise.all([pico, ...own].map((file) => readFile(file, 'utf8')));
  return nameAsset(texts.join('\n'), 'css');
}
