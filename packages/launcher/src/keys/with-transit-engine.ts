import { readFileSync } from 'node:fs';
import { readTransitSettings, TransitEngine } from '@aipassport/resource-proxy/operating';
import type { CommandContext } from '../commands/context.js';

/** Runs `work` with the transit engine of the sealing keys. `engine` is undefined if the settings name none. */
export async function withTransitEngine<T>(
  variables: CommandContext['variables'],
  work: (engine: TransitEngine | undefined) => Promise<T>,
): Promise<T> {
  const settings = readTransitSettings({ variables, readFile: (path) => readFileSync(path, 'utf8') });
  const engine = settings && new TransitEngine(settings);
  try {
    return await work(engine);
  } finally {
    await engine?.close();
  }
}
