import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Inspected {
  readonly pid: number;
  /** The log that contains the debugger's URL. The process must run with `--inspect-port=0`. */
  readonly logFile: string;
}

interface Reply {
  readonly id?: number;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/**
 * Opens the debugger of a Node.js process, to measure the process's heap. Resident memory alone does not show whether
 * there is a leak, because Node.js may let the heap grow for an hour before it collects garbage.
 *
 * @returns a function that makes the process collect its garbage, and resolves with the size of the heap in megabytes
 */
export async function inspectHeap({ pid, logFile }: Inspected): Promise<() => Promise<number>> {
  // Node.js opens its debugger on this signal (manual, "Signal events").
  process.kill(pid, 'SIGUSR1');
  const url = await findDebuggerUrl(logFile);
  return () => measureLiveHeap(url);
}

async function measureLiveHeap(url: string): Promise<number> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('the debugger does not answer')), { once: true });
  });
  let id = 0;
  const ask = (method: string, parameters: object = {}) =>
    new Promise<Reply>((resolve) => {
      const own = ++id;
      const onMessage = ({ data }: MessageEvent) => {
        const reply = JSON.parse(String(data)) as Reply;
        if (reply.id !== own) return;
        socket.removeEventListener('message', onMessage);
        resolve(reply);
      };
      socket.addEventListener('message', onMessage);
      socket.send(JSON.stringify({ id: own, method, params: parameters }));
    });
  await ask('HeapProfiler.collectGarbage');
  const reply = await ask('Runtime.evaluate', { expression: 'process.memoryUsage().heapUsed' });
  socket.close();
  const bytes = reply.result?.result?.value;
  if (typeof bytes !== 'number') throw new Error('the debugger did not report the size of the heap');
  return bytes / 1e6;
}

const waitMilliseconds = 5_000;

async function findDebuggerUrl(logFile: string): Promise<string> {
  for (const end = Date.now() + waitMilliseconds; Date.now() < end; await sleep(50)) {
    const url = /Debugger listening on (ws:\S+)/.exec(readFileSync(logFile, 'utf8'))?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the process did not open its debugger');
}
