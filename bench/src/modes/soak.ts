import { truncateSync } from 'node:fs';
import { startWhole } from '../contenders/start-whole.js';
import { measure } from '../measure/measure.js';
import { warmUp } from '../measure/warm-up.js';
import type { Options } from '../options.js';
import { inspectHeap } from '../processes/inspect-heap.js';
import { readResidentMegabytes } from '../processes/process-usage.js';
import { describeMachine } from '../report/describe-machine.js';
import { figure, formatTable } from '../report/format.js';
import type { Report } from '../report/report.js';
import type { Rig } from '../rig/open-rig.js';
import { openStage } from '../rig/open-stage.js';
import { slope } from '../statistics/statistics.js';

const sampleMilliseconds = 5_000;
/** The length of one stretch of load. Each stretch begins with new connections and new tokens. */
const stretchSeconds = 120;
const tokenSeconds = 600;
const capacitySeconds = 5;
/** The share of the run after which caches are full and the heap has reached its usual size. */
const settlingShare = 0.25;

/** Measures whether memory grows over a long time, at a third of the proxy's capacity. */
export async function soak(rig: Rig, options: Options): Promise<Report> {
  const { authority, server, database, subjects, accessTokens } = await openStage(rig, options.grants);
  const whole = await startWhole(rig, {
    name: 'all of it',
    authority,
    database,
    core: rig.places.proxy,
    accessTokens,
    isInspected: true,
  });
  const run = async (seconds: number, requestsPerSecond?: number) => {
    const target = { ...whole.target, accessTokens: await authority.sign(subjects, tokenSeconds) };
    const limit = requestsPerSecond === undefined ? {} : { requestsPerSecond };
    const shape = { stream: false, connections: options.connections, seconds, ...limit };
    return measure({ rig, contenders: [{ ...whole, target }], databasePid: server.pid, shape });
  };
  await warmUp(rig, whole);
  const capacity = (await run(capacitySeconds)).requestsPerSecond;
  const startedAt = performance.now();
  const points: { at: number; value: number }[] = [];
  const timer = setInterval(() => {
    const value = whole.pid === undefined ? undefined : readResidentMegabytes(whole.pid);
    if (value !== undefined) points.push({ at: (performance.now() - startedAt) / 3_600_000, value });
  }, sampleMilliseconds);
  let answers = 0;
  let early: number | undefined;
  const measureHeap = whole.pid === undefined ? undefined : await inspectHeap({ ...whole, pid: whole.pid });
  const seconds = options.minutes * 60;
  for (let done = 0; done < seconds; done += stretchSeconds) {
    const sample = await run(Math.min(stretchSeconds, seconds - done), capacity / 3);
    answers += sample.answers;
    if (done <= seconds * settlingShare && done + stretchSeconds > seconds * settlingShare)
      early = await measureHeap?.();
    // The log lines of an hour take gigabytes, and are not needed any more.
    truncateSync(whole.logFile);
    console.error(
      `  ${Math.round(done / 60)} min: ${figure(sample.requestsPerSecond)}/s, ${figure(sample.residentMegabytes)} MB`,
    );
  }
  clearInterval(timer);
  const late = await measureHeap?.();
  const settled = points.slice(Math.floor(points.length * settlingShare));
  const values = settled.map(({ value }) => value);
  const rows = [
    ['requests', String(answers)],
    ['requests/s', figure(capacity / 3)],
    [
      'memory after the first quarter, from – to, MB',
      `${figure(Math.min(...values))} – ${figure(Math.max(...values))}`,
    ],
    ['its slope, MB/h', figure(slope(settled), 1)],
    ['live heap after the first quarter, and at the end, MB', `${figure(early, 1)}, ${figure(late, 1)}`],
  ];
  return {
    section: [
      `${await describeMachine(rig, database)} ${options.minutes} minutes at a third of capacity, ${options.grants} grants.`,
      formatTable(['', 'measured'], rows),
    ].join('\n\n'),
  };
}
