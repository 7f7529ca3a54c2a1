import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { ConnectionTokens } from '../connection-tokens.js';

/** Keeps the tokens of a terminal between two runs, in a file that only its user can read. */
export interface TokenFile {
  /** @returns undefined when there is no such file */
  readonly load: () => Promise<ConnectionTokens | undefined>;
  readonly save: (tokens: ConnectionTokens) => Promise<void>;
  /** Forgets the tokens, when the access has ended. */
  readonly delete: () => Promise<void>;
}

export function openTokenFile(path: string): TokenFile {
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? undefined : (JSON.parse(text) as ConnectionTokens); // `save` wrote it
    },
    async save(tokens) {
      // Written to another file and then renamed: a crash leaves the old file or the new one, complete.
      // A file that is there already would keep its mode, or lead elsewhere if it is a link.
      await rm(`${path}.new`, { force: true });
      await writeFile(`${path}.new`, `${JSON.stringify(tokens)}\n`, { mode: 0o600, flag: 'wx' });
      await rename(`${path}.new`, path);
    },
    delete: () => rm(path, { force: true }),
  };
}
