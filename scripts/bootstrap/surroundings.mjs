import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Variables that npm sets for the scripts that it runs: the paths of its own Node.js and some of its settings. Our
 * programs must not get them.
 */
const npmsOwn = [
  'NODE',
  'npm_node_execpath',
  'npm_config_prefix',
  'npm_config_local_prefix',
  'npm_config_global_prefix',
  'npm_config_omit',
  'npm_config_ignore_scripts',
];

/** The environment of this process, without the variables that npm sets for itself. */
export function createEnvironment() {
  const environment = { ...process.env };
  for (const name of npmsOwn) delete environment[name];
  return environment;
}

/** The environment for installing, without NODE_ENV: with NODE_ENV=production, npm would not install the compiler. */
export function withoutNodeEnv(environment) {
  const result = { ...environment };
  delete result.NODE_ENV;
  return result;
}
