import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { ConnectionTokens } from '../connection-tokens.js';

/** Keeps the tokens of a terminal between two runs, in a file that only its user can read. */
export interface TokenFile {
  /** @returns undefined when there is no such file */
  readonly load: () => Promise<ConnectionTokens | undefined>;
  readonly save: (tokens: ConnectionTokens) => Promise<void>;
  /** Deletes the file. Call this when the access has ended. */
  readonly delete: () => Promise<void>;
}

export function openTokenFile(path: string): TokenFile {
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? undefined : (JSON.parse(text) as ConnectionTokens); // `save` wrote this text
    },
    async save(tokens) {
      // The tokens are written to another file, which is then renamed. So after a crash, the file at `path` is
      // complete, with the old or with the new tokens. An older `.new` file is removed first: it could have another
      // mode, or be a link to another file.
      await rm(`${path}.new`, { force: true });
      await writeFile(`${path}.new`, `${JSON.stringify(tokens)}\n`, { mode: 0o600, flag: 'wx' });
      await rename(`${path}.new`, path);
    },
    delete: () => rm(path, { force: true }),
  };
}
