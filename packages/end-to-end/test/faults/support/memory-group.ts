import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = '/sys/fs/cgroup';

/**
 * A memory limit that some processes share, as in a container: the kernel kills a process that exceeds it.
 *
 * Needs root, and a Linux on which root can make control groups.
 */
export class MemoryGroup {
  readonly #directory: string;
  readonly #limitFile: string;

  private constructor(directory: string, limitFile: string) {
    this.#directory = directory;
    this.#limitFile = limitFile;
  }

  /** @returns undefined if control groups are not available, or not writable */
  static open(): MemoryGroup | undefined {
    const versions = [
      [path.join(root, 'memory'), 'memory.limit_in_bytes'],
      [root, 'memory.max'],
    ] as const;
    for (const [parent, limitFile] of versions) {
      const directory = path.join(parent, `aipassport-${process.pid}`);
      try {
        mkdirSync(directory);
      } catch {
        continue;
      }
      if (existsSync(path.join(directory, limitFile))) return new MemoryGroup(directory, limitFile);
      rmdirSync(directory);
    }
    return undefined;
  }

  add(pid: number, { megabytes }: { readonly megabytes: number }): void {
    writeFileSync(path.join(this.#directory, this.#limitFile), String(megabytes * 1024 * 1024));
    writeFileSync(path.join(this.#directory, 'cgroup.procs'), String(pid));
  }

  /** Moves its processes out and removes the group. */
  async close(): Promise<void> {
    const parent = path.dirname(this.#directory);
    for (const pid of readFileSync(path.join(this.#directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean))
      writeFileSync(path.join(parent, 'cgroup.procs'), pid);
    for (let attempt = 0; attempt < 100; attempt++) {
      try {
        rmdirSync(this.#directory);
        return;
      } catch {
        // a killed process may not have ended yet
        await sleep(50);
      }
    }
  }
}
