import { listEnvironmentWarnings, listMisspelt } from '@aipassport/contracts';
import type { CommandContext } from './context.js';
import { readFileArgument } from './read-file-argument.js';

/**
 * `check-settings`: looks in a file of settings, such as compose's `.env`, for misspelt names, and for settings that
 * have no effect or weaken a protection. Compose passes on only the names that it knows, so no server sees a misspelt
 * name.
 *
 * @param file `-` is the standard input
 * @throws when it finds such a name or setting
 */
export function checkSettings({ print }: CommandContext, file: string): void {
  const names = [...readFileArgument(file).matchAll(/^[ \t]*(?:export[ \t]+)?([\w-]+)[ \t]*=[ \t]*(\S?)/gm)];
  const settings = Object.fromEntries(names.map(([, name = '', value]) => [name, value]));
  const warnings = [...listMisspelt(settings), ...listEnvironmentWarnings(settings)];
  for (const { text } of warnings) print(text);
  if (warnings.length > 0) throw new Error(`${warnings.length} of ${names.length} settings in ${file} are doubtful.`);
  print(`None of the ${names.length} settings in ${file} has a misspelt name.`);
}
