import { readFile } from 'node:fs/promises';
import { type Asset, nameAsset } from './asset.js';

/** The scripts of pages, from the folder `assets`. A page may load them with `allowScript`. */
export interface Scripts {
  /** Keeps the summary on the consent page up to date with the form. The page works without this script. */
  readonly consent: Asset;
  /** Copies, prints and saves texts of a page. Without this script, its buttons cannot be seen. */
  readonly copy: Asset;
  /** Fills in the browser's time zone at a sign-in. */
  readonly 'time-zone': Asset;
  /**
   * Selects the radio button of a text field when the owner types into the field, and empties the field when the owner
   * selects another radio button. The script `consent` contains this script too.
   */
  readonly 'typed-choices': Asset;
  /** Signs in and confirms with passkeys, and makes them. Without this script, pages do not offer passkeys. */
  readonly passkeys: Asset;
  /** Takes the steps of the playground. */
  readonly playground: Asset;
}

export async function loadScripts(): Promise<Scripts> {
  return {
    consent: await loadScript('consent', await readScript('typed-choices')),
    copy: await loadScript('copy'),
    passkeys: await loadScript('passkeys', await readLibrary()),
    playground: await loadScript('playground'),
    'time-zone': await loadScript('time-zone'),
    'typed-choices': await loadScript('typed-choices'),
  };
}

/** @param library another script, which this one uses */
async function loadScript(name: keyof Scripts, library = ''): Promise<Asset> {
  return nameAsset(`${library}\n${await readScript(name)}`, 'js');
}

async function readScript(name: keyof Scripts): Promise<string> {
  return readFile(new URL(`../../../assets/${name}.js`, import.meta.url), 'utf8');
}

async function readLibrary(): Promise<string> {
  const entry = import.meta.resolve('@simplewebauthn/browser');
  return readFile(new URL('../dist/bundle/index.umd.min.js', entry), 'utf8');
}
