import { readFile } from 'node:fs/promises';
import { type Asset, nameAsset } from './asset.js';

/** The scripts of pages, from the folder `assets`. A page may load them with `allowScript`. */
export interface Scripts {
  /** Keeps the summary on the consent page up to date with the form. The page works without this script. */
  readonly consent: Asset;
  /** Fills in the browser's time zone at a sign-in. */
  readonly 'time-zone': Asset;
  /** Signs in and confirms with passkeys, and makes them. Without this script, pages offer the password only. */
  readonly passkeys: Asset;
  /** Takes the steps of the playground. */
  readonly playground: Asset;
}

export async function loadScripts(): Promise<Scripts> {
  return {
    consent: await loadScript('consent'),
    passkeys: await loadScript('passkeys', await readLibrary()),
    playground: await loadScript('playground'),
    'time-zone': await loadScript('time-zone'),
  };
}

/** @param library another script, which this one uses */
async function loadScript(name: keyof Scripts, library = ''): Promise<Asset> {
  const script = await readFile(new URL(`../../../assets/${name}.js`, import.meta.url), 'utf8');
  return nameAsset(`${library}\n${script}`, 'js');
}

async function readLibrary(): Promise<string> {
  const entry = import.meta.resolve('@simplewebauthn/browser');
  return readFile(new URL('../dist/bundle/index.umd.min.js', entry), 'utf8');
}
