import { runJest } from '../run-jest.mjs';
import { installClients } from './install-clients.mjs';

/** Installs the tools that are not part of the workspace, and tries them. What cannot be installed is skipped. */
export async function testClients(options, env) {
  const installed = await installClients();
  const args = [
    // they are heavy: one file at a time
    '--runInBand',
    '--selectProjects',
    'end-to-end',
    '--testPathPatterns=/clients/on-demand/',
    ...options,
  ];
  return runJest(args, { ...env, INSTALLED_CLIENTS: JSON.stringify(installed) });
}
