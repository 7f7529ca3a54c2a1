import { readFileSync } from 'node:fs';
import { listMisspelt, listSurroundings } from '@aipassport/contracts';
import type { CommandContext } from './context.js';

const standardInput = 0;

/**
 * `check-settings`: looks at a file of settings, such as compose's `.env`. Compose passes on the names that it knows, so no
 * server ever sees one that is misspelt there.
 *
 * @param file `-` is the standard input
 * @throws when there is one
 */
export function checkSettings({ print }: CommandContext, file: string): void {
  const names = [
    ...readFileSync(file === '-' ? standardInput : file, 'utf8').matchAll(/^\s*(?:export\s+)?([\w-]+)\s*=\s*(\S?)/gm),
  ];
  const settings = Object.fromEntries(names.map(([, name = '', value]) => [name, value]));
  const warnings = [...listMisspelt(settings), ...listSurroundings(settings)];
  for (const { text } of warnings) print(text);
  if (warnings.length > 0) throw new Error(`${warnings.length} of ${names.length} settings in ${file} are doubtful.`);
  print(`The names of all ${names.length} settings in ${file} are known, or not ours.`);
}
