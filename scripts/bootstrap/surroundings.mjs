import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Variables that npm sets for its scripts: about itself, its own Node, and its settings. Our programs must not get
 * them.
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

/** Our environment without what npm added for itself. */
export function createEnvironment() {
  const environment = { ...process.env };
  for (const name of npmsOwn) delete environment[name];
  return environment;
}

/** The same environment, for installing: NODE_ENV=production would leave the compiler out. */
export function withoutNodeEnv(environment) {
  const result = { ...environment };
  delete result.NODE_ENV;
  return result;
}
