import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SchemaFolders } from '../src/database/migrate.js';

const source = new URL('../../', import.meta.url);

/**
 * Copies the SQL files of this release into a new directory in `parent`, and adds migrations to the copy.
 * @param files the texts of the added migrations, by their names without `.sql`
 */
export function addMigrations(parent: string, files: Readonly<Record<string, string>>): Required<SchemaFolders> {
  const directory = mkdtempSync(path.join(parent, 'schema-'));
  for (const name of ['migrations', 'functions', 'bridges'])
    cpSync(new URL(name, source), path.join(directory, name), { recursive: true });
  for (const [name, text] of Object.entries(files))
    writeFileSync(path.join(directory, 'migrations', `${name}.sql`), text);
  const locate = (name: string) => pathToFileURL(`${path.join(directory, name)}${path.sep}`);
  return { migrations: locate('migrations'), functions: locate('functions'), bridges: locate('bridges') };
}

/** Keeps only the files of release 1: its migrations, which also define its functions. */
export function keepRelease1(folders: Required<SchemaFolders>): Required<SchemaFolders> {
  for (const folder of Object.values(folders))
    for (const file of readdirSync(folder))
      if (folder !== folders.migrations || file >= '0008') rmSync(new URL(file, folder));
  return folders;
}
