import { serveCommands } from '../processes/serve-commands.js';
import { type ClosedLoop, runClosedLoop } from './closed-loop.js';
import { HeldStreams } from './held-streams.js';
import type { Target } from './request.js';

/** The commands of the load generator, which runs in a separate process. */
export type LoadCommands = typeof commands;

const held = new HeldStreams();

const commands = {
  run: (loop: ClosedLoop) => runClosedLoop(loop),
  openStreams: (targets: readonly Target[]) => held.open(targets),
  waitForEnds: (count: number) => held.waitForEnds(count),
  closeStreams: () => held.close(),
};

serveCommands(commands);
