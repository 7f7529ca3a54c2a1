import type { Target } from '../load/request.js';

/** Something that answers the benchmark's requests. */
export interface Contender {
  readonly name: string;
  readonly target: Target;
  /** The process, with its children, whose CPU time and memory are its own; undefined: only the upstream's. */
  readonly pid: number | undefined;
}
