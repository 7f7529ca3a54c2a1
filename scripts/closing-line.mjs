import { writeSync } from 'node:fs';

/**
 * Prints the line that every test run ends with. It is written synchronously, because nothing asynchronous runs after
 * the event `exit` of a process.
 */
export function printClosingLine({ passed, failed, skipped }) {
  const line = `\n${passed} passed, ${failed} failed, ${skipped} skipped\n`;
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      // the pipe is full, so this waits 20 ms for its reader
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
