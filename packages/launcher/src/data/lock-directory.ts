import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const answerMilliseconds = 2000;

/** The data directory belongs to another launcher now; the message says to which. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

/**
 * Makes this process the only owner of a data directory, as long as it lives.
 *
 * On Linux the lock is a socket in the abstract name space: the kernel drops it with the process, so it cannot go
 * stale, and process numbers play no part. It is per network namespace: two containers that share a volume are not
 * kept apart. Elsewhere it is a socket file.
 *
 * @returns a function that gives the directory up again
 * @throws DirectoryInUse
 */
export async function lockDirectory(directory: string): Promise<() => void> {
  const hash = createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 32);
  const isAbstract = process.platform === 'linux';
  const address = isAbstract ? `\0aipassport-${hash}` : path.join(tmpdir(), `aipassport-${hash}.sock`);
  for (let attempt = 1; ; attempt++) {
    // whoever finds it taken is told by whom
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(String(process.pid));
    });
    const code = await listen(server, address);
    if (code === undefined) {
      server.unref();
      return () => server.close();
    }
    if (code !== 'EADDRINUSE') throw new Error(`cannot lock ${directory}: ${code}`);
    const owner = await askOwner(address);
    if (owner !== undefined || attempt === 3)
      throw new DirectoryInUse(
        `The data in ${directory} is in use by another launcher (process ${owner ?? 'unknown'}). Stop that one first, or choose another directory with AIPASSPORT_DATA.`,
      );
    if (!isAbstract) rmSync(address, { force: true }); // left behind by a killed process
  }
}

/** @returns the code of what went wrong; undefined when it listens */
function listen(server: Server, address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen(address, () => resolve(undefined));
  });
}

/** @returns undefined when nobody listens any more */
function askOwner(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(address);
    socket.setTimeout(answerMilliseconds, () => {
      socket.destroy();
      resolve('unknown');
    });
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', () => resolve(undefined));
  });
}
