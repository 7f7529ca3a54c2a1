// For `npm run update:schema`: rewrites packages/store/schema.sql, the schema of a new database, and adds the checksums
// of new migrations to packages/store/migrations.sha256.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createTestDatabase, describeSchema, listMigrations } from '../packages/store/dist/src/testing.js';
import { root } from './bootstrap/surroundings.mjs';
import startTestPostgres from './jest/start-postgres.mjs';
import stopTestPostgres from './jest/stop-postgres.mjs';

const header = `-- The schema of a new database of this release, for readers: no program runs this file. A test compares it with a
-- database that was migrated. To write it anew: npm run update:schema
-- The bodies of the functions are in functions/, and the reasons of the rights in rights.sql.
`;

await addChecksums(path.join(root, 'packages/store/migrations.sha256'));
await startTestPostgres();
const { db, close } = await createTestDatabase(process.env.TEST_DATABASE_URL);
writeFileSync(path.join(root, 'packages/store/schema.sql'), `${header}\n${await describeSchema(db)}`);
await close();
await stopTestPostgres();
console.log('packages/store/schema.sql and migrations.sha256 are current.');

/** Never rewrites an existing line. Otherwise the test could not find a migration whose file was changed. */
async function addChecksums(file) {
  const recorded = readFileSync(file, 'utf8');
  for (const { name, checksum } of await listMigrations())
    if (!recorded.includes(`  ${name}.sql\n`)) appendFileSync(file, `${checksum}  ${name}.sql\n`);
}
