/** The commands that a process of the benchmark accepts: the name, the argument and the answer of each. */
export type Commands = Readonly<Record<string, (argument: never) => unknown>>;

export interface Question {
  readonly id: number;
  readonly command: string;
  readonly argument: unknown;
}

export type Reply = { readonly id: number } & ({ readonly answer: unknown } | { readonly failure: string });

/** Answers the questions of the parent process over their channel. This process ends when the channel closes. */
export function serveCommands(commands: Commands): void {
  process.on('message', (question: Question) => void answer(commands, question));
  process.on('disconnect', () => process.exit(0));
}

async function answer(commands: Commands, { id, command, argument }: Question): Promise<void> {
  const reply = await run(commands, command, argument).then(
    (value): Reply => ({ id, answer: value }),
    (error: unknown): Reply => ({
      id,
      failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  process.send?.(reply);
}

async function run(commands: Commands, name: string, argument: unknown): Promise<unknown> {
  const command = commands[name];
  if (command === undefined) throw new Error(`there is no command ${name}`);
  return command(argument as never); // the type of `Worker.ask` declares the argument
}
