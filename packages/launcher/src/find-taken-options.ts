import type { Command } from 'commander';

/**
 * The options that npm has taken for itself, because `--` was missing: `npm run aipassport accounts invite --note Bob`.
 * npm sets a variable for each of them.
 *
 * @param args what the command line contains besides the options that npm has taken
 */
export function findTakenOptions(
  program: Command,
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (variables['npm_lifecycle_event'] !== 'aipassport') return [];
  const options = findCommand(program, args).options.flatMap(({ long }) => long ?? []);
  return options.filter((option) => !args.includes(option) && variables[nameVariable(option)] !== undefined);
}

function findCommand(command: Command, [name, ...rest]: readonly string[]): Command {
  const subcommand = command.commands.find((one) => one.name() === name);
  return subcommand === undefined ? command : findCommand(subcommand, rest);
}

function nameVariable(option: string): string {
  return `npm_config_${option.replace(/^--/, '').replaceAll('-', '_')}`;
}
