import { setTimeout as sleep } from 'node:timers/promises';
import { startWhole } from '../contenders/start-whole.js';
import { measure } from '../measure/measure.js';
import type { Options } from '../options.js';
import { inspectHeap } from '../processes/inspect-heap.js';
import { readResidentMegabytes } from '../processes/process-usage.js';
import { describeMachine } from '../report/describe-machine.js';
import { figure, formatTable } from '../report/format.js';
import type { Report } from '../report/report.js';
import type { Rig } from '../rig/open-rig.js';
import { openStage } from '../rig/open-stage.js';

const chunkMilliseconds = 1_000;
const holdMilliseconds = 15_000;
const restMilliseconds = 60_000;
const seconds = restMilliseconds / 1000;
/** The second run shows whether the proxy still holds memory of the first run. */
const times = 2;

/** Measures the memory of one proxy before, during and after many open streams. */
export async function streams(rig: Rig, options: Options): Promise<Report> {
  const { authority, server, database, accessTokens } = await openStage(rig, options.streams);
  const whole = await startWhole(rig, {
    name: 'all of it',
    authority,
    database,
    core: rig.places.proxy,
    accessTokens,
    isInspected: true,
  });
  const readMemory = () => (whole.pid === undefined ? undefined : readResidentMegabytes(whole.pid));
  // the proxy is measured after it has served requests, not right after its start
  const shape = { stream: true, connections: options.connections, seconds: options.seconds };
  await measure({ rig, contenders: [whole], databasePid: server.pid, shape });
  const measureHeap = whole.pid === undefined ? undefined : await inspectHeap({ ...whole, pid: whole.pid });
  const rows: string[][] = [];
  for (let time = 1; time <= times; time++) {
    await sleep(restMilliseconds / 2);
    const heapBefore = await measureHeap?.();
    const before = readMemory();
    await rig.upstream.ask('setPace', { kind: 'endless', chunkMilliseconds });
    const open = await rig.load.ask('openStreams', [whole.target]);
    console.error(`${open} streams are open`);
    const during = await watchHighest(readMemory, holdMilliseconds);
    await rig.upstream.ask('endStreams', undefined);
    await rig.load.ask('waitForEnds', open);
    await rig.load.ask('closeStreams', undefined);
    await sleep(restMilliseconds);
    const after = readMemory();
    const heaps = [heapBefore, await measureHeap?.()].map((heap) => figure(heap, 1));
    rows.push([`${time}`, figure(before), figure(during), figure(after), ...heaps]);
  }
  return {
    section: [
      `${await describeMachine(rig, database)} ${accessTokens.length} streams at a time on one proxy, each under its own grant, a chunk a second. To be reached: ≤ 250 MB, and back to the start afterwards.`,
      formatTable(
        ['time', 'before, MB', 'at most, MB', `${seconds} s after, MB`, 'live heap before', `${seconds} s after`],
        rows,
      ),
    ].join('\n\n'),
  };
}

async function watchHighest(read: () => number | undefined, milliseconds: number): Promise<number | undefined> {
  let highest = read();
  for (const end = Date.now() + milliseconds; Date.now() < end; await sleep(500)) {
    highest = Math.max(highest ?? 0, read() ?? 0);
  }
  return highest;
}
