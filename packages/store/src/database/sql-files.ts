import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

const migrationsFolder = new URL('../../../migrations/', import.meta.url);
/** One file for each function of the database: its only definition. */
const functionsFolder = new URL('../../../functions/', import.meta.url);
/** Definitions for the time of an upgrade, for functions that would fail while a migration changes their tables. */
const bridgesFolder = new URL('../../../bridges/', import.meta.url);
const releaseFile = new URL('../../../release.json', import.meta.url);

/** A file with statements: a migration, or the definition of a function. */
export interface SqlFile {
  readonly name: string;
  readonly text: string;
  /** SHA-256, hexadecimal. */
  readonly checksum: string;
}

/** A migration with its header: the comment lines before the first statement. */
export interface Migration extends SqlFile {
  /** `-- needs-release: 3`: the migration removes something, and servers of older releases do not work after it. */
  readonly neededRelease: number | undefined;
  /**
   * `-- alone`: the migration may take a long time. It gets its own transaction, so that the locks of other migrations
   * are not held during that time.
   */
  readonly isAlone: boolean;
  /**
   * `-- concurrently: grants_owner`: one `create index concurrently` of that name. PostgreSQL does not allow this
   * statement in a transaction.
   */
  readonly concurrentIndex: string | undefined;
}

/** The number of this release. It is recorded in a database, and shows which of two programs is newer. */
export const release: number = (JSON.parse(readFileSync(releaseFile, 'utf8')) as { readonly release: number }).release;

/** All migrations, in their order. */
export async function listMigrations(folder = migrationsFolder): Promise<readonly Migration[]> {
  return (await listFiles(folder)).map(readHeader);
}

/** The present definition of every function. */
export async function listFunctions(folder = functionsFolder): Promise<readonly SqlFile[]> {
  return listFiles(folder);
}

/** Definitions of functions of the previous release that work both before and after the migrations of this one. */
export async function listBridges(folder = bridgesFolder): Promise<readonly SqlFile[]> {
  return listFiles(folder);
}

async function listFiles(folder: URL): Promise<readonly SqlFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (file) => {
      const text = await readFile(new URL(file, folder), 'utf8');
      return { name: file.slice(0, -'.sql'.length), text, checksum: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

function readHeader(file: SqlFile): Migration {
  const header = /^(?:--.*\n|\s*\n)*/.exec(file.text)?.[0] ?? '';
  const neededRelease = /^-- needs-release: (\d+)$/m.exec(header)?.[1];
  return {
    ...file,
    neededRelease: neededRelease === undefined ? undefined : Number(neededRelease),
    isAlone: /^-- alone$/m.test(header),
    concurrentIndex: /^-- concurrently: (\w+)$/m.exec(header)?.[1],
  };
}
