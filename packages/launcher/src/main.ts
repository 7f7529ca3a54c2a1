#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { CommandFailure } from './commands/command-failure.js';
import { couldNotCompare } from './commands/reconcile.js';
import { createProgram } from './create-program.js';
import { launcherEnvironment } from './environment.js';
import { findTakenOptions } from './find-taken-options.js';

const print = (line: string) => console.log(line);
const printProgress = (line: string) => console.error(line);
const readFile = (path: string) => readFileSync(path, 'utf8');
try {
  const environment = launcherEnvironment.read({ variables: process.env, readFile });
  const context = { environment, variables: process.env, print, printProgress, now: () => new Date() };
  const program = createProgram(context);
  const args = process.argv.slice(2);
  const [taken] = findTakenOptions(program, args, process.env);
  if (taken !== undefined)
    throw new Error(`npm took ${taken} for itself. Write -- before the command: npm run aipassport -- ${args[0]} ...`);
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = findStatus(error);
}

/** A setting that cannot be read is no difference between the ledger and a bill, so `reconcile` does not end with 1. */
function findStatus(error: unknown): number {
  if (error instanceof CommandFailure) return error.exitCode;
  return process.argv[2] === 'reconcile' ? couldNotCompare : 1;
}
