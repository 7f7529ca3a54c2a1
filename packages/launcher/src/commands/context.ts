import type { LauncherEnvironment } from '../environment.js';

/** What every command works with. */
export interface CommandContext {
  readonly environment: LauncherEnvironment;
  /** The process's own environment. SECRET. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
  /** Progress messages of a command, as opposed to its result. */
  readonly tell?: ((line: string) => void) | undefined;
  readonly now: () => Date;
}
