import type { Contender } from '../contenders/contender.js';
import { startForwarding } from '../contenders/start-forwarding.js';
import { startNginx } from '../contenders/start-nginx.js';
import { startWhole } from '../contenders/start-whole.js';
import type { Shape } from '../measure/measure.js';
import { requireSameAnswers } from '../measure/require-same-answers.js';
import { runRounds } from '../measure/run-rounds.js';
import { warmUp } from '../measure/warm-up.js';
import type { Options } from '../options.js';
import { describeMachine } from '../report/describe-machine.js';
import { drawComparison } from '../report/draw-comparison.js';
import { type Comparison, formatComparison } from '../report/format-comparison.js';
import type { Report } from '../report/report.js';
import type { Rig } from '../rig/open-rig.js';
import { openStage } from '../rig/open-stage.js';

/**
 * Measures the cost of each layer: the upstream without a proxy, nginx, our forwarding, and the whole proxy with many
 * grants and with one.
 */
export async function compare(rig: Rig, options: Options): Promise<Report> {
  const { authority, server, database, accessTokens } = await openStage(rig, options.grants);
  const direct: Contender = {
    name: 'directly',
    target: { port: rig.upstreamPort, path: '/v1/chat/completions', accessTokens: [''] },
    pid: undefined,
  };
  const nginx = await startNginx(rig);
  if (nginx === undefined) console.error('there is no nginx on this machine: its rows are missing');
  const forwarding = await startForwarding(rig);
  const name = `all of it, ${options.grants} grants`;
  const whole = await startWhole(rig, { name, authority, database, core: rig.places.proxy, accessTokens });
  const hot: Contender = {
    ...whole,
    name: 'all of it, one grant',
    target: { ...whole.target, accessTokens: accessTokens.slice(0, 1) },
  };
  const contenders = [direct, ...(nginx === undefined ? [] : [nginx]), forwarding, whole, hot];
  await requireSameAnswers(direct, contenders.slice(1));
  for (const contender of contenders) await warmUp(rig, contender);

  const run = (title: string, shape: Omit<Shape, 'seconds'>) => {
    console.error(title);
    const teams = contenders.map((contender) => ({ name: contender.name, contenders: [contender] }));
    return runRounds({
      rig,
      teams,
      databasePid: server.pid,
      rounds: options.rounds,
      shape: { ...shape, seconds: options.seconds },
    });
  };
  const comparison: Comparison = {
    machine: await describeMachine(rig, database),
    options,
    names: { direct: direct.name, nginx: 'nginx', forwarding: forwarding.name, whole: whole.name, hot: hot.name },
    json: await run('JSON', { stream: false, connections: options.connections }),
    alone: await run('JSON, one at a time', { stream: false, connections: 1 }),
    streams: await run('streams', { stream: true, connections: options.connections }),
    streamAlone: await run('streams, one at a time', { stream: true, connections: 1 }),
  };
  return { section: formatComparison(comparison), picture: drawComparison(comparison) };
}
