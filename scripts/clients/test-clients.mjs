import { runJest } from '../run-jest.mjs';
import { installClients } from './install-clients.mjs';

/**
 * Installs client tools that are not part of the workspace, and tests the servers with them. Tools that cannot be
 * installed are skipped.
 */
export async function testClients(options, env) {
  const installed = await installClients();
  const args = [
    // one test file at a time, because the tools need much memory and processor time
    '--runInBand',
    '--selectProjects',
    'end-to-end',
    '--testPathPatterns=/clients/on-demand/',
    ...options,
  ];
  return runJest(args, { ...env, INSTALLED_CLIENTS: JSON.stringify(installed) });
}
