import type { Target } from '../load/request.js';

/** Something that answers the benchmark's requests. */
export interface Contender {
  readonly name: string;
  readonly target: Target;
  /**
   * The process whose CPU time and memory are measured, including its children; undefined when the upstream is the only
   * process.
   */
  readonly pid: number | undefined;
}
