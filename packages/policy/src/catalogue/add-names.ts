import type { DiscoveredName } from './discover-names.js';
import type { Names } from './names.js';

/**
 * @returns the table of names with the new names added. A version goes to the end of the versions of its name, any
 * other name to the end of its group. No name is removed.
 */
export function addNames(names: Names, discovered: readonly DiscoveredName[]): Names {
  return discovered.reduce(addName, names);
}

function addName(names: Names, { upstream, group, id, versionOf }: DiscoveredName): Names {
  const members = names[upstream]?.[group] ?? {};
  const added =
    versionOf === undefined ? { [id]: members[id] ?? [] } : { [versionOf]: [...(members[versionOf] ?? []), id] };
  return { ...names, [upstream]: { ...names[upstream], [group]: { ...members, ...added } } };
}

const opening = 'export const names: Names = ';

/** Replaces the table in the source text of `names.ts`. The formatter lays it out afterwards. */
export function writeNames(source: string, names: Names): string {
  const start = source.indexOf(opening);
  if (start === -1) throw new Error('the table of names was not found in names.ts');
  return `${source.slice(0, start + opening.length)}${JSON.stringify(names)};\n`;
}
