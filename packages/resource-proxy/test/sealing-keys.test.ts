import { expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { createLog, parseSealingJwks, type SealingJwks } from '../src/index.js';
import { SealingKeys } from '../src/provider-keys/sealing-keys.js';
import { TestProxy } from './support/test-proxy.js';

async function makeKeys(...ids: readonly string[]): Promise<SealingJwks> {
  const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  return parseSealingJwks({ keys: ids.map((kid) => ({ ...jwk, kid })) });
}

/** Opens sealing keys whose file and clock the test controls. */
async function open(initial: SealingJwks) {
  const world = { file: (): SealingJwks => initial, version: 1, nowMilliseconds: 0, reads: 0, lines: [] as string[] };
  const keys = await SealingKeys.open({
    file: {
      read: () => {
        world.reads += 1;
        return world.file();
      },
      readVersion: () => String(world.version),
    },
    engine: undefined,
    now: () => world.nowMilliseconds,
    log: createLog('info', { write: (line) => world.lines.push(line) }),
  });
  return { world, keys };
}

// The ids at the beginning of titles are rows of docs/security.md.
it('K3: a sealing key that is added to the file is used at once, and a removed one is no longer used after a minute', async () => {
  const { world, keys } = await open(await makeKeys('old'));
  expect(await keys.find('old')).toMatchObject({ id: 'old' });
  expect(world.reads).toBe(1);
  const both = await makeKeys('new', 'old');
  world.file = () => both;
  world.version += 1;
  expect(await keys.find('new')).toMatchObject({ id: 'new' });
  const last = await makeKeys('new');
  world.file = () => last;
  world.version += 1;
  world.nowMilliseconds = 59_000;
  expect(await keys.find('old')).toMatchObject({ id: 'old' });
  world.nowMilliseconds = 61_000;
  expect([await keys.find('new'), await keys.find('old')]).toMatchObject([{ id: 'new' }, undefined]);
});

it('while the file of sealing keys cannot be read, the earlier keys stay in use, and the failure is logged', async () => {
  const { world, keys } = await open(await makeKeys('old'));
  world.file = () => {
    throw new Error('it is gone');
  };
  world.version += 1;
  world.nowMilliseconds = 61_000;
  expect(await keys.find('old')).toMatchObject({ id: 'old' });
  expect(await keys.find('new')).toBeUndefined();
  expect(world.lines.join()).toContain('sealing_keys_unreadable');
});

it('the file is not read again for an unknown sealing key until the file changes', async () => {
  const { world, keys } = await open(await makeKeys('old'));
  for (let asked = 0; asked < 5; asked++) expect(await keys.find('lost')).toBeUndefined();
  expect(world.reads).toBe(1);
  const both = await makeKeys('new', 'old');
  world.file = () => both;
  world.version += 1;
  // requests that arrive while the file is being read get its contents
  expect(await Promise.all(['new', 'new', 'lost'].map((id) => keys.find(id)))).toMatchObject([
    { id: 'new' },
    { id: 'new' },
    undefined,
  ]);
  expect(world.reads).toBe(2);
});

it('every request whose provider key is sealed to an unknown sealing key is refused, and this is logged once', async () => {
  const proxy = await TestProxy.start();
  const { grant, token } = await proxy.connect();
  await proxy.addProviderKey(grant.accountId, 'openai', 'sk-lost-0123456789abcdefghijklmnop');
  await proxy.database.db.updateTable('provider_keys').set({ sealing_key_id: 'px-lost' }).execute();
  for (let asked = 0; asked < 3; asked++) expect((await proxy.chat(token)).status).toBe(424);
  await proxy.stop();
  const said = proxy.lines.filter((line) => line.includes('"event":"provider_key_unusable"'));
  expect(said.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ sealing_key_id: 'px-lost' }]);
});
