import { spawn } from 'node:child_process';

/** How often we check that npm is still there. */
const lookMilliseconds = 250;

/**
 * Runs the command in our place: passes signals on to it, and exits with its status.
 *
 * @param isTold whether it gets a channel. When the channel closes, it learns that we are gone, even after `kill -9`
 */
export function runCommand(program, { args, env, cwd, isTold = false }) {
  const child = spawn(program, args, {
    env,
    cwd,
    stdio: ['inherit', 'inherit', 'inherit', ...(isTold ? ['ipc'] : [])],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npm can be killed without passing the signal on
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
