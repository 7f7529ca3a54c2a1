import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Contender } from '../contenders/contender.js';
import { startForwarding } from '../contenders/start-forwarding.js';
import { startWhole } from '../contenders/start-whole.js';
import { measure } from '../measure/measure.js';
import { warmUp } from '../measure/warm-up.js';
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
const shownFunctions = 40;

/**
 * Measures how much of the time of a request each part of the program and each function takes: for forwarding only, and
 * for the whole proxy.
 */
export async function profile(rig: Rig, options: Options): Promise<Report> {
  const { authority, server, database, accessTokens } = await openStage(rig, options.grants);
  const directories = ['forwarding', 'whole'].map((name) => path.join(rig.directory, `profile-${name}`));
  const [forwardingDirectory = '', wholeDirectory = ''] = directories;
  for (const directory of directories) mkdirSync(directory);
  const forwarding = await startForwarding(rig, forwardingDirectory);
  const whole = await startWhole(rig, {
    name: 'all of it',
    authority,
    database,
    core: rig.places.proxy,
    accessTokens,
    profileDirectory: wholeDirectory,
  });
  const watch = (contender: Contender & { readonly stop: () => Promise<void> }, directory: string) =>
    watchContender({ rig, databasePid: server.pid, options, contender, directory });
  const watched = [await watch(forwarding, forwardingDirectory), await watch(whole, wholeDirectory)];
  for (const { name, functions } of watched) {
    const rows = functions.map(({ functionName, url, microseconds }) => [
      functionName,
      figure(microseconds, 1),
      url.split('/').slice(-3).join('/'),
    ]);
    console.error(formatTable([name, 'µs a request', 'where'], rows));
  }
  const areas = [...new Set(watched.flatMap(({ byArea }) => [...byArea.keys()]))];
  const rows = areas
    .map((area) => ({ area, times: watched.map(({ byArea }) => byArea.get(area) ?? 0) }))
    .toSorted((a, b) => (b.times.at(-1) ?? 0) - (a.times.at(-1) ?? 0));
  return {
    section: [
      `${await describeMachine(rig, database)} JSON, ${options.connections} connections; under the profiler, which slows everything down.`,
      formatTable(
        ['µs a request', ...watched.map(({ name }) => name)],
        rows.map(({ area, times }) => [area, ...times.map((time) => figure(time, 1))]),
      ),
    ].join('\n\n'),
  };
}

interface Watching {
  readonly rig: Rig;
  readonly databasePid: number;
  readonly options: Options;
  readonly contender: Contender & { readonly stop: () => Promise<void> };
  readonly directory: string;
}

/** The result for one contender. All times are in microseconds for each request. */
interface Watched {
  readonly name: string;
  readonly functions: readonly OwnTime[];
  readonly byArea: ReadonlyMap<string, number>;
}

async function watchContender({ rig, databasePid, options, contender, directory }: Watching): Promise<Watched> {
  const run = (seconds: number) =>
    measure({
      rig,
      contenders: [contender],
      databasePid,
      shape: { stream: false, connections: options.connections, seconds },
    });
  await warmUp(rig, contender);
  await run(warmUpSeconds);
  const from = readClock();
  const { answers } = await run(options.seconds);
  const to = readClock();
  await contender.stop();
  const times = readProfile(directory, from, to).map((time) => ({
    ...time,
    microseconds: time.microseconds / answers,
  }));
  const byArea = new Map<string, number>();
  for (const time of times) byArea.set(areaOf(time), (byArea.get(areaOf(time)) ?? 0) + time.microseconds);
  return { name: contender.name, functions: times.slice(0, shownFunctions), byArea };
}
