import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { locateKeyFiles, makeKeyFiles } from '@aipassport/launcher';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type AloneOptions, type ServerKind, startAlone } from './harness/alone.js';
import { waitUntil } from './harness/wait-until.js';

/** Two gigabytes, as the compose file gives the proxy. */
const limitBytes = 2 ** 31;
const controller = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'].find((it) => existsSync(`${it}/cgroup.procs`)) ?? '';
const group = `${controller}/aipassport-test-${process.pid}`;

/** @returns false on machines where the user may not make a cgroup */
function makeCgroup(): boolean {
  try {
    mkdirSync(group);
    const file = controller.endsWith('memory') ? 'memory.limit_in_bytes' : 'memory.max';
    writeFileSync(`${group}/${file}`, String(limitBytes));
    return true;
  } catch {
    return false;
  }
}

const hasCgroup = makeCgroup();
let directory: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-memory-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
  if (hasCgroup) await waitUntil(() => readFileSync(`${group}/cgroup.procs`, 'utf8') === '', 'the cgroup is empty');
  if (existsSync(group)) rmdirSync(group);
});

async function readOptions(kind: ServerKind, options: Omit<AloneOptions, 'keyFiles'>): Promise<readonly string[]> {
  const keyFiles = locateKeyFiles(directory);
  await makeKeyFiles(keyFiles, new Date());
  const { child } = await startAlone(kind, { keyFiles, ...options });
  children.push(child);
  return readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0');
}

(hasCgroup ? it : it.skip).each([
  ['authorization-server', 1_792],
  ['resource-proxy', 1_280],
] satisfies [ServerKind, number][])(
  'the %s sets its heap from the limit of its container (needs root)',
  async (kind, megabytes) => {
    // the shell joins the cgroup, and is then replaced by the server
    const before = ['sh', '-c', `echo $$ > ${group}/cgroup.procs; exec "$@"`, 'sh'];
    const options = await readOptions(kind, { before });
    expect(options).toContain(`--max-old-space-size=${megabytes}`);
  },
);

it.each(['authorization-server', 'resource-proxy'] satisfies ServerKind[])(
  'the %s uses the heap size that its operator sets',
  async (kind) => {
    const options = await readOptions(kind, { environment: { MAX_HEAP_MB: '333' } });
    expect(options).toContain('--max-old-space-size=333');
  },
);
