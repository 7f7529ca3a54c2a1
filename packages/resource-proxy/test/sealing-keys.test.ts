import { expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { createLog, parseSealingJwks, type SealingJwks } from '../src/index.js';
import { SealingKeys } from '../src/provider-keys/sealing-keys.js';

async function makeKeys(...ids: readonly string[]): Promise<SealingJwks> {
  const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  return parseSealingJwks({ keys: ids.map((kid) => ({ ...jwk, kid })) });
}

/** Sealing keys whose file and clock the test moves. */
async function open(initial: SealingJwks) {
  const world = { file: (): SealingJwks => initial, nowMilliseconds: 0, reads: 0, lines: [] as string[] };
  const keys = await SealingKeys.open({
    read: () => {
      world.reads += 1;
      return world.file();
    },
    now: () => world.nowMilliseconds,
    log: createLog('info', { write: (line) => world.lines.push(line) }),
  });
  return { world, keys };
}

it('K3: a sealing key that is new in the file opens at once, and one that left it within a minute no more', async () => {
  const { world, keys } = await open(await makeKeys('old'));
  expect(await keys.find('old')).toMatchObject({ id: 'old' });
  expect(world.reads).toBe(1);
  const both = await makeKeys('new', 'old');
  world.file = () => both;
  expect(await keys.find('new')).toMatchObject({ id: 'new' });
  const last = await makeKeys('new');
  world.file = () => last;
  world.nowMilliseconds = 59_000;
  expect(await keys.find('old')).toMatchObject({ id: 'old' });
  world.nowMilliseconds = 61_000;
  expect([await keys.find('new'), await keys.find('old')]).toMatchObject([{ id: 'new' }, undefined]);
});

it('goes on with the sealing keys that it holds while their file cannot be read, and says so', async () => {
  const { world, keys } = await open(await makeKeys('old'));
  world.file = () => {
    throw new Error('it is gone');
  };
  world.nowMilliseconds = 61_000;
  expect(await keys.find('old')).toMatchObject({ id: 'old' });
  expect(await keys.find('new')).toBeUndefined();
  expect(world.lines.join()).toContain('sealing_keys_unreadable');
});
