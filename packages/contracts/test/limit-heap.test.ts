import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { decideHeapMegabytes } from '../src/index.js';

const decide = (megabytes: number, chosenMegabytes?: number) =>
  decideHeapMegabytes({ memoryBytes: megabytes * 2 ** 20, outsideMegabytes: 768, chosenMegabytes });

it('leaves room for memory outside of the heap, and allows a heap even under a small limit', () => {
  expect([2_048, 1_024, 512].map((limit) => decide(limit))).toEqual([1_280, 409, 204]);
  expect(decide(65_536)).toBe(4_096);
});

it('does nothing without a limit, and always applies the operator’s setting', () => {
  // Values that mean “no limit”: 0 from libuv when it does not know the limit, and the largest number of pages from
  // cgroup v1.
  for (const memoryBytes of [0, 9_223_372_036_854_771_712, 2 ** 64])
    expect(decideHeapMegabytes({ memoryBytes, outsideMegabytes: 768, chosenMegabytes: undefined })).toBeUndefined();
  expect(decide(0, 300)).toBe(300);
  expect(decide(2_048, 300)).toBe(300);
});

const module = new URL('../src/index.js', import.meta.url).href;
/** A program that prints its arguments, its options, the size of its young generation and its largest heap size. */
const program = (chosen: string) => `
  import v8 from 'node:v8';
  import { limitHeap } from '${module}';
  limitHeap(process, { outsideMegabytes: 768, chosenMegabytes: ${chosen} });
  console.log(JSON.stringify({ argv: process.argv.slice(2), options: process.execArgv.filter((it) => /space/.test(it)),
    young: 3 * 16, megabytes: Math.round(v8.getHeapStatistics().heap_size_limit / 2 ** 20) }));`;

function run(chosen: string, environment: Record<string, string> = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), 'limit-heap-'));
  try {
    const file = path.join(directory, 'program.mjs');
    writeFileSync(file, program(chosen));
    const { stdout, stderr } = spawnSync(process.execPath, ['--max-semi-space-size=16', file, 'argument'], {
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    });
    expect(stderr).toBe('');
    return JSON.parse(stdout) as { argv: string[]; options: string[]; megabytes: number; young: number };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

it('restarts the process with the allowed heap and the same arguments', () => {
  const { argv, options, megabytes, young } = run('300');
  expect(options).toEqual(['--max-semi-space-size=16', '--max-old-space-size=300']);
  expect(argv).toEqual(['argument']);
  expect(megabytes).toBe(300 + young);
});

it('does not change heap options that the operator gave to Node.js', () => {
  expect(run('300', { NODE_OPTIONS: '--max-old-space-size=200' }).megabytes).toBe(248);
});
