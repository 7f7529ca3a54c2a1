import type { Target } from '../load/request.js';

/** Something that answers the benchmark's requests. */
export interface Contender {
  readonly name: string;
  readonly target: Target;
  /**
   * The process whose CPU time and memory are measured, including its children; undefined if requests go directly to
   * the upstream, so that there is no process to measure.
   */
  readonly pid: number | undefined;
}
