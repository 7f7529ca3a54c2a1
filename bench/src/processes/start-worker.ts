import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pinned } from './pin.js';
import type { Commands, Question, Reply } from './serve-commands.js';

/** A separate process of the benchmark that runs commands. */
export interface Worker<Table extends Commands> {
  readonly pid: number;
  /** Runs a command in the process. Rejects when the command fails, or when the process ends before it answers. */
  readonly ask: <Name extends keyof Table & string>(
    command: Name,
    argument: Parameters<Table[Name]>[0],
  ) => Promise<Awaited<ReturnType<Table[Name]>>>;
  readonly stop: () => Promise<void>;
}

export interface WorkerOptions {
  /** URL of a module that calls `serveCommands`. */
  readonly module: string;
  readonly core: number;
  readonly nodeArguments?: readonly string[];
}

export function startWorker<Table extends Commands>(options: WorkerOptions): Worker<Table> {
  const { module, core, nodeArguments = [] } = options;
  const [program, programArguments] = pinned(core, process.execPath, [...nodeArguments, fileURLToPath(module)]);
  const child = spawn(program, programArguments, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // With this serialization, typed arrays and bigints arrive unchanged.
    serialization: 'advanced',
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${module} could not be started`);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let asked = 0;
  child.on('message', (reply: Reply) => {
    const asker = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('failure' in reply) asker?.reject(new Error(reply.failure));
    else asker?.resolve(reply.answer);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      for (const { reject } of waiting.values()) reject(new Error(`${module} ended (${code ?? signal})`));
      resolve();
    });
  });
  return {
    pid,
    ask: (command, argument) => {
      const asker = Promise.withResolvers<unknown>();
      asked += 1;
      waiting.set(asked, asker);
      child.send({ id: asked, command, argument } satisfies Question);
      return asker.promise as Promise<never>; // the type of `Worker.ask` declares the answer
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
