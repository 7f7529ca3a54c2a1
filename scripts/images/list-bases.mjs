import { readFileSync } from 'node:fs';

/** The files that name images which we do not build. */
export const baseFiles = ['Dockerfile', 'docker-compose.yml', 'deploy/compose/ha.yml', 'deploy/compose/backup.yml'];

/**
 * Lists the images that we do not build, each with the variable that can replace it with another image.
 * @returns pairs of a variable and its image, in the order of the variables
 */
export function listBases(root) {
  const found = baseFiles.flatMap((file) => {
    const text = readFileSync(new URL(file, root), 'utf8');
    return [...text.matchAll(/\$\{(\w+_IMAGE):-([^}]+)\}|^ARG (\w+_IMAGE)=(\S+)$/gm)].map(
      ([, variable, image, argument, fallback]) => [variable ?? argument, image ?? fallback],
    );
  });
  const bases = new Map(found);
  const differing = found.find(([variable, image]) => bases.get(variable) !== image);
  if (differing !== undefined) throw new Error(`${differing[0]} stands for different images`);
  return [...bases].sort(([one], [other]) => (one < other ? -1 : 1));
}
