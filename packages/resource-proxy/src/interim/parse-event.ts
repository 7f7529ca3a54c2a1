/** @returns the JSON of an event's data; undefined when it has none */
export function parseEvent(event: Buffer): unknown {
  const data = event
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length))
    .join('\n');
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
