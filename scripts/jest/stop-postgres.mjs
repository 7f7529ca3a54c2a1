import { rmSync } from 'node:fs';

export default async function stopTestPostgres() {
  if (!globalThis.testPostgres) return;
  const { postgres, directory } = globalThis.testPostgres;
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
  globalThis.testPostgres = undefined;
}
