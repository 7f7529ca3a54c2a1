/** Node's own maximum on a machine with enough memory. Larger heaps make garbage collections long without a benefit. */
const maxHeapMegabytes = 4_096;
/** The heap gets at least this share of the memory, even if the rest is less than `outsideMegabytes`. */
const leastShare = 0.4;
const bytesPerMegabyte = 1_048_576;

export interface HeapLimit {
  /**
   * The operating system's memory limit for the process, such as the one of its container (cgroup v1 or v2). 0, or 2^50
   * and more, means no limit.
   */
  readonly memoryBytes: number;
  /** The maximum memory that the program uses outside of its heap: buffers, stacks, code, workers. */
  readonly outsideMegabytes: number;
  /** The operator's explicit setting. */
  readonly chosenMegabytes: number | undefined;
}

/**
 * Decides the maximum heap size, so that a program collects garbage before the kernel kills it for using too much
 * memory.
 * @returns undefined when there is neither a setting nor a memory limit
 */
export function decideHeapMegabytes({ memoryBytes, outsideMegabytes, chosenMegabytes }: HeapLimit): number | undefined {
  if (chosenMegabytes !== undefined) return chosenMegabytes;
  // without a limit, cgroup v1 reports about 2^63
  if (memoryBytes <= 0 || memoryBytes >= 2 ** 50) return undefined;
  const megabytes = memoryBytes / bytesPerMegabyte;
  return Math.floor(Math.min(maxHeapMegabytes, Math.max(megabytes - outsideMegabytes, megabytes * leastShare)));
}

const heapOption = /--max[-_]old[-_]space[-_]size/;

/**
 * Re-executes the program in the same process with a heap limit that fits its memory, because Node accepts the limit
 * only at its start. Does nothing when the options set a limit already, when the process has an IPC channel to its
 * parent, which would be lost, or when Node cannot re-execute a program on this system. Call it before the program
 * opens files or connections.
 */
export function limitHeap(program: NodeJS.Process, needs: Omit<HeapLimit, 'memoryBytes'>): void {
  const { execArgv, env, argv, execPath } = program;
  if (program.send !== undefined || [...execArgv, env['NODE_OPTIONS'] ?? ''].some((it) => heapOption.test(it))) return;
  const megabytes = decideHeapMegabytes({ ...needs, memoryBytes: program.constrainedMemory() });
  if (megabytes === undefined || program.execve === undefined) return;
  program.execve(execPath, [execPath, ...execArgv, `--max-old-space-size=${megabytes}`, ...argv.slice(1)], env);
}
