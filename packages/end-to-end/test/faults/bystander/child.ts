import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a program of the experiment as its own process. The program ends when the process of the test ends. */
export function startChild(module: string): ChildProcess {
  return fork(fileURLToPath(new URL(module, import.meta.url)), { execArgv: [], env: {} });
}

/** The next message from the process. */
export async function hear<Message>(child: ChildProcess): Promise<Message> {
  const [message] = (await once(child, 'message')) as [Message]; // the caller knows the type of the program's messages
  return message;
}
