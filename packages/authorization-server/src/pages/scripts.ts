import { readFile } from 'node:fs/promises';
import { type Asset, nameAsset } from './asset.js';

/** The scripts of pages, from the folder `assets`. A page that loads one sets `runsScript` of the request's state. */
export interface Scripts {
  /** Keeps the summary on the consent page up to date with the form. The page works without this script. */
  readonly consent: Asset;
  /** Fills in the browser's time zone for a new account. */
  readonly 'time-zone': Asset;
  /** Signs in and confirms with passkeys, and makes them. Without this script, pages offer the password only. */
  readonly passkeys: Asset;
  /** Takes the steps of the playground. */
  readonly playground: Asset;
}

export async function loadScripts(): Promise<Scripts> {
  return {
    consent: await loadScript('consent'),
    passkeys: await loadScript('passkeys'),
    playground: await loadScript('playground'),
    'time-zone': await loadScript('time-zone'),
  };
}

async function loadScript(name: keyof Scripts): Promise<Asset> {
  return nameAsset(await readFile(new URL(`../../../assets/${name}.js`, import.meta.url), 'utf8'), 'js');
}
