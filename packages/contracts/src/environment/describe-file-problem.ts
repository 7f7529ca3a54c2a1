/** Describes the problem with a JSON file. Repeats nothing of its content, which may be secret. */
export function describeFileProblem(error: unknown): string {
  const { code } = error as Partial<NodeJS.ErrnoException>; // only errors of the file system have a code
  if (code === 'ENOENT') return 'its file does not exist';
  return code === undefined ? 'its file is not JSON' : `its file cannot be read (${code})`;
}
