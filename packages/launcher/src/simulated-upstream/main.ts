import { fileURLToPath } from 'node:url';
import { LLMock } from '@copilotkit/aimock';
import { addMissingOperations } from './missing-operations.js';

// This program answers as OpenAI, Anthropic and Google would. The answers are in a file, except those of
// `missing-operations.ts`. Every answer that is a text says that it is simulated.
const upstream = new LLMock({
  host: process.env['HOST'] ?? '127.0.0.1',
  port: Number(process.env['PORT'] ?? 4300),
  auth: { apiKeys: ['simulated'] },
  journalMaxEntries: 1, // each entry keeps a whole request in memory
  logLevel: 'warn',
});
upstream.loadFixtureFile(fileURLToPath(new URL('../../../simulated-upstream/fixtures.json', import.meta.url)));
addMissingOperations(upstream);
await upstream.start();

function stop(): void {
  // a graceful end would wait for the open streams
  process.exit(0);
}
process.once('SIGINT', stop).once('SIGTERM', stop).once('disconnect', stop);
