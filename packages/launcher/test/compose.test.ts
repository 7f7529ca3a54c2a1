import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environment as authorizationServer } from '@aipassport/authorization-server/environment';
import type { Variable } from '@aipassport/contracts';
import { parsePriceOverrides } from '@aipassport/policy';
import { environment as resourceProxy } from '@aipassport/resource-proxy/environment';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';

interface Service {
  readonly environment: Readonly<Record<string, string | null>>;
  readonly volumes: readonly string[];
}

const root = new URL('../../../../', import.meta.url);
const text = readFileSync(new URL('docker-compose.yml', root), 'utf8');
const { services } = parse(text, { merge: true }) as { services: Readonly<Record<string, Service>> };

/** In the image, the same for every deployment, or only for a start without any provider key. */
const fixed = ['NODE_ENV', 'HOST', 'PROXY_CLIENT_ID', 'SIMULATED_UPSTREAM', 'SIMULATED_UPSTREAM_URL'];

it.each([
  ['authorization-server', authorizationServer.variables],
  ['resource-proxy', resourceProxy.variables],
] satisfies [string, Record<string, Variable<unknown>>][])('gives every setting of the %s to it', (name, declared) => {
  const given = Object.keys(services[name]?.environment ?? {});
  const missing = Object.keys(declared).filter(
    (setting) => !fixed.includes(setting) && !given.includes(setting) && !given.includes(`${setting}_FILE`),
  );
  expect(missing).toEqual([]);
});

it('shows both servers the same file of models and prices, and an empty one where the operator has none', () => {
  const mounts = ['authorization-server', 'resource-proxy'].map((name) => {
    const { environment, volumes } = services[name] ?? { environment: {}, volumes: [] };
    return volumes.find((volume) => volume.endsWith(`:${environment['PRICES_FILE']}:ro`));
  });
  expect(mounts[0]).toBe(mounts[1]);
  const [, file = ''] = /^\$\{PRICES_FILE:-([^}]+)\}/.exec(mounts[0] ?? '') ?? [];
  const parsed = parsePriceOverrides(readFileSync(fileURLToPath(new URL(file, root)), 'utf8'));
  expect(parsed).toMatchObject({ ok: true, overrides: { models: [], discounts: [] } });
});
