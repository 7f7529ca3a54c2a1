import type { Failpoint } from '@aipassport/resource-proxy';

/**
 * Reads a place in a request's life at which the process is to die, and the how-manieth request it dies at:
 * `after_admission@3`. It dies by SIGKILL, so that nothing of it runs any more.
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
