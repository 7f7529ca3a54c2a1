import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startWhole } from '../contenders/start-whole.js';
import { measure } from '../measure/measure.js';
import type { Options } from '../options.js';
import { areaOf } from '../profile/area-of.js';
import { type OwnTime, readProfile } from '../profile/read-profile.js';
import { describeMachine } from '../report/describe-machine.js';
import { figure, formatTable } from '../report/format.js';
import type { Report } from '../report/report.js';
import type { Rig } from '../rig/open-rig.js';
import { openStage } from '../rig/open-stage.js';
import { readClock } from '../statistics/read-clock.js';

const warmUpSeconds = 3;
const shownFunctions = 30;

/** Shows where the whole proxy's time goes, a request: by the part of the program, and by function. */
export async function profile(rig: Rig, options: Options): Promise<Report> {
  const { authority, server, database, accessTokens } = await openStage(rig, options.grants);
  const profileDirectory = path.join(rig.directory, 'profile');
  mkdirSync(profileDirectory);
  const whole = await startWhole(rig, {
    name: 'all of it',
    authority,
    database,
    core: rig.places.proxy,
    accessTokens,
    profileDirectory,
  });
  const shape = { stream: false, connections: options.connections };
  const run = (seconds: number) =>
    measure({ rig, contenders: [whole], databasePid: server.pid, shape: { ...shape, seconds } });
  await run(warmUpSeconds);
  const from = readClock();
  const sample = await run(options.seconds);
  const to = readClock();
  await whole.stop();
  const times = readProfile(profileDirectory, from, to);
  const perRequest = (microseconds: number) => figure(microseconds / sample.answers, 1);
  const areas = new Map<string, number>();
  for (const time of times) areas.set(areaOf(time), (areas.get(areaOf(time)) ?? 0) + time.microseconds);
  const byArea = [...areas].toSorted(([, a], [, b]) => b - a);
  console.error(
    formatTable(
      ['function', 'µs a request', 'where'],
      times.slice(0, shownFunctions).map((time) => formatFunction(time, perRequest)),
    ),
  );
  return {
    section: [
      `${await describeMachine(rig, database)} JSON, ${options.connections} connections, ${figure(sample.requestsPerSecond)} requests/s while the profiler watched, which slows it down.`,
      formatTable(
        ['part', 'µs a request'],
        byArea.map(([area, microseconds]) => [area, perRequest(microseconds)]),
      ),
    ].join('\n\n'),
  };
}

function formatFunction(
  { functionName, url, microseconds }: OwnTime,
  perRequest: (microseconds: number) => string,
): string[] {
  return [functionName, perRequest(microseconds), url.split('/').slice(-3).join('/')];
}
