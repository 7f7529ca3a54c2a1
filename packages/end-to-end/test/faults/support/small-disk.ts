import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const nobody = 65_534;

/** A small separate disk, writable for the user that PostgreSQL runs as. Needs root and Linux. */
export class SmallDisk {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static mount({ megabytes }: { readonly megabytes: number }): SmallDisk {
    const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-disk-'));
    const options = `size=${megabytes}m,uid=${nobody},gid=${nobody},mode=0700`;
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', directory], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the small disk could not be mounted: ${stderr}`);
    return new SmallDisk(directory);
  }

  fill(): void {
    const file = openSync(this.#ballast, 'w');
    const page = Buffer.alloc(4_096);
    try {
      for (;;) writeSync(file, page);
    } catch {
      // the disk is full
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(this.#ballast, { force: true });
  }

  unmount(): void {
    spawnSync('umount', ['-l', this.directory]);
    rmdirSync(this.directory);
  }

  get #ballast(): string {
    return path.join(this.directory, 'ballast');
  }
}
