/** Reads the lines of a server's log that report this event. */
export function listLogLines(lines: readonly string[], event: string): readonly Readonly<Record<string, unknown>>[] {
  return lines
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter((line) => line['event'] === event);
}
