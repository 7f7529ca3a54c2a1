#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createProgram } from './create-program.js';
import { launcherEnvironment } from './environment.js';

const print = (line: string) => console.log(line);
const printProgress = (line: string) => console.error(line);
const readFile = (path: string) => readFileSync(path, 'utf8');
try {
  const environment = launcherEnvironment.read({ variables: process.env, readFile });
  await createProgram({
    environment,
    variables: process.env,
    print,
    printProgress,
    now: () => new Date(),
  }).parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
