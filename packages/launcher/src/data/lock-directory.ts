import { createHash } from 'node:crypto';
import { existsSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const answerMilliseconds = 2000;
const isAbstract = process.platform === 'linux';

/** Another launcher has locked the data directory. The message contains its process number. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

/**
 * Locks a data directory for this process, for as long as the process lives.
 *
 * On Linux the lock is a socket in the abstract namespace. The kernel removes it with the process, so it cannot go
 * stale, and it does not depend on process numbers. The lock works within one network namespace. Two containers that
 * share a volume can both get the lock. On other systems the lock is a socket file.
 *
 * @returns a function that releases the lock
 * @throws DirectoryInUse
 */
export async function lockDirectory(directory: string): Promise<() => void> {
  const socketPath = socketPathOf(directory);
  for (let attempt = 1; ; attempt++) {
    // another launcher that finds the directory locked reads our process number here
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(String(process.pid));
    });
    const code = await listen(server, socketPath);
    if (code === undefined) {
      server.unref();
      return () => server.close();
    }
    if (code !== 'EADDRINUSE') throw new Error(`cannot lock ${directory}: ${code}`);
    const owner = await askOwner(socketPath);
    if (owner !== undefined || attempt === 3)
      throw new DirectoryInUse(
        `The data in ${directory} is in use by another launcher (process ${owner ?? 'unknown'}). Stop that one first, or choose another directory with AIPASSPORT_DATA.`,
      );
    if (!isAbstract) rmSync(socketPath, { force: true }); // left behind by a killed process
  }
}

/** Whether a launcher has locked this data directory. */
export async function isLocked(directory: string): Promise<boolean> {
  return existsSync(directory) && (await askOwner(socketPathOf(directory))) !== undefined;
}

function socketPathOf(directory: string): string {
  const hash = createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 32);
  return isAbstract ? `\0aipassport-${hash}` : path.join(tmpdir(), `aipassport-${hash}.sock`);
}

/** @returns the error's code; undefined when the server listens */
function listen(server: Server, socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen(socketPath, () => resolve(undefined));
  });
}

/** @returns the owner's process number; `unknown` when it does not answer in time; undefined when it has ended */
function askOwner(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(socketPath);
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
