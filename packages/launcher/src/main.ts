#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createProgram } from './create-program.js';
import { launcherEnvironment } from './environment.js';

const print = (line: string) => console.log(line);
const tell = (line: string) => console.error(line);
const readFile = (path: string) => readFileSync(path, 'utf8');
try {
  const environment = launcherEnvironment.read({ variables: process.env, readFile });
  await createProgram({ environment, variables: process.env, print, tell, now: () => new Date() }).parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
