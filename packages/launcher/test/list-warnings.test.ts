import { expect, it } from '@jest/globals';
import { launcherEnvironment } from '../src/environment.js';
import { listWarnings } from '../src/start/list-warnings.js';

const url = 'postgres://owner@db.example/passport';
const withRoles = { DATABASE_URL: url, AUTHORIZATION_DATABASE_URL: url, PROXY_DATABASE_URL: url };

function list(variables: Record<string, string>) {
  const environment = launcherEnvironment.read({ variables, readFile: () => url });
  return listWarnings(environment, variables).map((warning) => warning.variables);
}

it.each(['DATABASE_DIRECT_URL', 'DATABASE_DIRECT_URL_FILE'])(
  'warns of %s only without DATABASE_URL, because otherwise the proxy uses it',
  (name) => {
    expect(list({ [name]: url })).toEqual([[name]]);
    expect(list({ ...withRoles, [name]: url })).toEqual([]);
  },
);
