/** Node's own bound where there is memory enough; more makes collections long, and never helped. */
const maxHeapMegabytes = 4_096;
/** Of a limit that is too small for what is outside of the heap. */
const leastShare = 0.4;
const bytesPerMegabyte = 1_048_576;

export interface HeapLimit {
  /** Of the machine, or of the container (cgroup v1 or v2); 0 or more than the machine has: none. */
  readonly memoryBytes: number;
  /** Buffers, stacks, code, workers: what the program takes besides its heap, at most. */
  readonly outsideMegabytes: number;
  /** The operator's own word. */
  readonly chosenMegabytes: number | undefined;
}

/**
 * How large a program's heap may become, so that it collects garbage before the kernel kills it.
 * @returns undefined when nothing limits its memory
 */
export function decideHeapMegabytes({ memoryBytes, outsideMegabytes, chosenMegabytes }: HeapLimit): number | undefined {
  if (chosenMegabytes !== undefined) return chosenMegabytes;
  // without a limit, cgroup v1 says 2^63
  if (memoryBytes <= 0 || memoryBytes >= 2 ** 50) return undefined;
  const megabytes = memoryBytes / bytesPerMegabyte;
  return Math.floor(Math.min(maxHeapMegabytes, Math.max(megabytes - outsideMegabytes, megabytes * leastShare)));
}

const heapOption = /--max[-_]old[-_]space[-_]size/;

/**
 * Begins the program again, in the same process, with a heap that fits into its memory: Node takes this at its start only.
 * Does nothing where that has been said already, by its options or by the parent that it talks to, which would be lost.
 * To be called before anything is opened.
 */
export function limitHeap(program: NodeJS.Process, needs: Omit<HeapLimit, 'memoryBytes'>): void {
  const { execArgv, env, argv, execPath } = program;
  if (program.send !== undefined || [...execArgv, env['NODE_OPTIONS'] ?? ''].some((it) => heapOption.test(it))) return;
  const megabytes = decideHeapMegabytes({ ...needs, memoryBytes: program.constrainedMemory() });
  if (megabytes === undefined || program.execve === undefined) return;
  program.execve(execPath, [execPath, ...execArgv, `--max-old-space-size=${megabytes}`, ...argv.slice(1)], env);
}
