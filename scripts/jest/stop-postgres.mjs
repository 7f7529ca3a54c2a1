import { rmSync } from 'node:fs';

export default async function stopTestPostgres() {
  if (globalThis.testPostgres) {
    const { postgres, directory } = globalThis.testPostgres;
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
    globalThis.testPostgres = undefined;
  } else {
    const { dropTestDatabase } = await import('../../packages/store/dist/src/testing.js');
    await dropTestDatabase(process.env.TEST_DATABASE_URL, process.env.TEST_DATABASE_TEMPLATE);
  }
}
