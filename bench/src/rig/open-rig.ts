import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadCommands } from '../load/main.js';
import { type Placement, takePlaces } from '../processes/pin.js';
import { startWorker, type Worker } from '../processes/start-worker.js';
import type { UpstreamCommands } from '../upstream/main.js';

/** The parts that every run needs: a directory, a load generator, an upstream, and a list of the things to end. */
export interface Rig {
  readonly places: Placement;
  /** On the disk of the checkout, because the temporary directory may be in memory, where `fsync` costs nothing. */
  readonly directory: string;
  readonly load: Worker<LoadCommands>;
  readonly upstream: Worker<UpstreamCommands>;
  readonly upstreamPort: number;
  /** Functions that are called at the end, in reverse order. */
  readonly closing: (() => Promise<unknown> | void)[];
}

/** SECRET in a deployment. Here the upstream does not check it. */
export const providerKey = 'sk-benchmark-0123456789abcdef0123456789abcdef';

const dataDirectory = fileURLToPath(new URL('../../../../data/benchmark', import.meta.url));

/** Opens a rig, does some work on it, and ends all processes of the rig, even when the work fails. */
export async function withRig<Result>(work: (rig: Rig) => Promise<Result>): Promise<Result> {
  const closing: Rig['closing'] = [];
  const closeAll = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void closeAll().then(() => process.exit(130)));
  try {
    return await work(await openRig(closing));
  } finally {
    await closeAll();
  }
}

async function openRig(closing: Rig['closing']): Promise<Rig> {
  const places = takePlaces();
  mkdirSync(dataDirectory, { recursive: true });
  const directory = mkdtempSync(path.join(dataDirectory, 'run-'));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  const load = startWorker<LoadCommands>({
    module: new URL('../load/main.js', import.meta.url).href,
    core: places.others,
  });
  closing.push(load.stop);
  const upstream = startWorker<UpstreamCommands>({
    module: new URL('../upstream/main.js', import.meta.url).href,
    core: places.others,
  });
  closing.push(upstream.stop);
  return { places, directory, load, upstream, upstreamPort: await upstream.ask('listen', undefined), closing };
}
