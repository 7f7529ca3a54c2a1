import type { Failpoint } from '@aipassport/resource-proxy';

/**
 * Reads a place in a request's life and a count: with `after_admission@3` the process kills itself when the third
 * request reaches that place. It uses SIGKILL, so that no cleanup runs.
 */
export function readFailpoint(text: string | undefined): ((point: Failpoint) => void) | undefined {
  if (text === undefined) return undefined;
  const [name, count = '1'] = text.split('@');
  let left = Number(count);
  return (point) => {
    if (point !== name) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
