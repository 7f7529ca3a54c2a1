import { spawn } from 'node:child_process';

/** The time between two checks that npm is still running. */
const lookMilliseconds = 250;

/**
 * Runs a command in place of this process: passes signals on to it, and exits with its status.
 *
 * @param hasChannel whether the command gets a channel to this process. The channel closes when this process ends, even
 *   by `kill -9`
 */
export function runCommand(program, { args, env, cwd, hasChannel = false }) {
  const child = spawn(program, args, {
    env,
    cwd,
    stdio: ['inherit', 'inherit', 'inherit', ...(hasChannel ? ['ipc'] : [])],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npm can be killed without passing the signal on. Then this process gets another parent, and ends the command.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event)
    setInterval(() => {
      if (process.ppid !== parent) child.kill('SIGTERM');
    }, lookMilliseconds).unref();
  child.on('error', (error) => {
    console.error(`${program}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
