import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import type { BenchmarkDatabase } from '../database/start-database-server.js';
import type { Rig } from '../rig/open-rig.js';
import { median } from '../statistics/statistics.js';

/** Describes the machine on which the figures were measured, because they depend on it. */
export async function describeMachine(rig: Rig, database?: BenchmarkDatabase): Promise<string> {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  const parts = [
    `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${memory}, Linux ${release()}, Node.js ${process.versions.node}`,
  ];
  if (database !== undefined) {
    const { rows } = await sql<{ version: string; commit: string; buffers: string }>`
      select current_setting('server_version') as version, current_setting('synchronous_commit') as commit,
        current_setting('shared_buffers') as buffers`.execute(database.db);
    parts.push(
      `PostgreSQL ${rows[0]?.version} with synchronous_commit ${rows[0]?.commit} and shared_buffers of ${rows[0]?.buffers}`,
    );
    parts.push(`a write to its disk is safe after ${(measureSync(rig.directory) * 1000).toFixed(0)} µs`);
  }
  if (rig.places.caveat !== undefined) parts.push(rig.places.caveat);
  return `${parts.join('; ')}.`;
}

/** @returns how many milliseconds an fdatasync takes after a write of 8 KB: the median of 50 measurements */
function measureSync(directory: string): number {
  const file = openSync(path.join(directory, 'sync'), 'w');
  const page = Buffer.alloc(8192);
  const times = Array.from({ length: 50 }, () => {
    writeSync(file, page, 0, page.length, 0);
    const startedAt = performance.now();
    fdatasyncSync(file);
    return performance.now() - startedAt;
  });
  closeSync(file);
  return median(times);
}
