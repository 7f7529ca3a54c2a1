import { type ConfigurationWarning, listEnvironmentWarnings, listMisspelt } from '@aipassport/contracts';
import type { LauncherEnvironment } from '../environment.js';
import { decidedSettings } from './forward-settings.js';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Settings that cause no warning, although `npm start` decides them: many shells set them for other programs, or the
 * launcher itself reads them.
 */
const expected = ['NODE_ENV', 'HOST', 'PORT', 'DATABASE_URL', 'MAX_HEAP_MB'];

/** Warns about settings that the operator should check, although everything starts. Shows names, never values. */
export function listWarnings(environment: LauncherEnvironment, variables: Variables): readonly ConfigurationWarning[] {
  // with a database of the operator, the resource proxy gets its direct URL: see `directDatabaseUrl`
  const used = environment.DATABASE_URL === undefined ? expected : [...expected, 'DATABASE_DIRECT_URL'];
  const decided = decidedSettings
    .filter((name) => !used.includes(name))
    .flatMap((name) => [name, `${name}_FILE`])
    .filter((name) => variables[name]);
  const roles = ['AUTHORIZATION_DATABASE_URL', 'PROXY_DATABASE_URL'] as const;
  const given = roles.filter((name) => environment[name] !== undefined);
  const isTokenIdle =
    (variables['REGISTRATION_TOKEN'] || variables['REGISTRATION_TOKEN_FILE']) &&
    variables['CLIENT_REGISTRATION'] !== 'token';
  const warn = (names: readonly string[], text: string) => (names.length === 0 ? [] : [{ variables: names, text }]);
  return [
    ...listMisspelt(variables),
    ...listEnvironmentWarnings(variables),
    ...warn(decided, `${decided.join(', ')}: not used, because \`npm start\` chooses these values itself.`),
    ...warn(
      isTokenIdle ? ['REGISTRATION_TOKEN', 'CLIENT_REGISTRATION'] : [],
      'REGISTRATION_TOKEN is not used unless CLIENT_REGISTRATION is token.',
    ),
    ...warn(
      environment.DATABASE_URL === undefined ? given : [],
      `${given.join(', ')}: not used without DATABASE_URL, which names the database that you want to use.`,
    ),
    ...warn(
      environment.DATABASE_URL !== undefined ? roles.filter((name) => !given.includes(name)) : [],
      'A server without a database URL of its own uses DATABASE_URL, and then has all rights of that role. Give each server its own role: see docs/operations.md, Roles.',
    ),
  ];
}
