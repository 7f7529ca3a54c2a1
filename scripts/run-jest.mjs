import { spawn } from 'node:child_process';
import path from 'node:path';
import { root } from './bootstrap/surroundings.mjs';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** @returns the exit code of jest, how many tests passed, failed and were skipped, and whether a signal ended it */
export function runJest(args, env) {
  // forceExit: a server that a failed test left open must not keep the run from ending
  const jest = [path.join(root, 'node_modules/jest/bin/jest.js'), '--forceExit', ...args];
  // A test file loads hundreds of modules. With a large young generation, the garbage collector copies them less often.
  const options = ['--experimental-vm-modules', '--no-warnings', '--max-semi-space-size=64'];
  const child = spawn(process.execPath, [...options, ...jest], {
    cwd: root,
    env,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  let isInterrupted = false;
  const forward = (signal) => {
    isInterrupted = true;
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  let counts = { passed: 0, failed: 0, skipped: 0 };
  child.on('message', (message) => {
    counts = message;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      for (const signal of signals) process.off(signal, forward);
      // a run that found no tests, or was killed before they ended, has sent no counts: such a run has failed too
      const failed = Math.max(counts.failed, code === 0 ? 0 : 1);
      resolve({ code: code ?? 1, counts: { ...counts, failed }, isInterrupted });
    });
  });
}
