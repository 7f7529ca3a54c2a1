import type { LauncherEnvironment } from '../environment.js';

/** The dependencies of every command. */
export interface CommandContext {
  readonly environment: LauncherEnvironment;
  /** This process's environment. SECRET. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
  /** Progress messages of a command, as opposed to its result. */
  readonly printProgress?: ((line: string) => void) | undefined;
  readonly now: () => Date;
}
