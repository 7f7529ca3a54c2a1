import { hashSecret } from '@aipassport/store';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readForm, readText } from './support/browser.js';
import { type DeviceTest, openDeviceTest } from './support/device-test.js';
import { encodeForm, header } from './support/http.js';
import { createOwner } from './support/owner.js';
import { decideDevice, enterCode } from './support/terminal.js';

let test: DeviceTest;
beforeAll(async () => {
  test = await openDeviceTest();
});
afterAll(() => test.close());

const letters = 'BCDFGHJKLMNPQRSTVWXZ';
/** A wrong code. */
const wrongCode = (index: number) => `BBBBBB${letters[index % 20]}${letters[Math.floor(index / 20) % 20]}`;

// The ids at the beginning of titles are rows of docs/security.md.
it('D1: an account may enter five wrong codes, counted over both replicas, and a right code does not count', async () => {
  const guesser = await createOwner(test.server);
  const { user_code: userCode } = await test.begin();
  const enter = (code: string, index: number) =>
    enterCode(guesser.browser, code, {
      replica: test.server.urls[index % 2] ?? '',
      from: `203.0.113.${100 + index}`,
    });
  for (let index = 0; index < 4; index += 1) expect((await enter(wrongCode(index), index)).status).toBe(422);
  for (let index = 0; index < 6; index += 1) expect((await enter(userCode, index)).status).toBe(303);
  const statuses: number[] = [];
  for (let index = 4; index < 20; index += 1) statuses.push((await enter(wrongCode(index), index)).status);
  expect(statuses).toEqual([422, ...Array.from({ length: 15 }, () => 429)]);
  const refused = await enter(userCode, 0);
  expect([refused.status, Number(header(refused, 'retry-after')) > 0]).toEqual([429, true]);
  // Another owner can still enter a code.
  expect((await enterCode(test.owner.browser, userCode)).status).toBe(303);
});

it('D1: of 20 simultaneous wrong codes at two replicas, only five are looked up', async () => {
  const guesser = await createOwner(test.server);
  const fields = readForm((await guesser.browser.open('/device')).text, '/device');
  const guess = async (index: number) => {
    const body = encodeForm({ ...fields, user_code: wrongCode(index) });
    const headers = { host: new URL(test.server.issuer).host, 'x-forwarded-for': `203.0.113.${150 + index}` };
    const url = `${test.server.urls[index % 2] ?? ''}/device`;
    return (await guesser.browser.request(url, { method: 'POST', body, headers })).status;
  };
  const statuses = await Promise.all(Array.from({ length: 20 }, (_, index) => guess(index)));
  expect(statuses.filter((status) => status === 422)).toHaveLength(5);
  expect(statuses.filter((status) => status === 429)).toHaveLength(15);
});

it('D1: one network may enter nine wrong codes, whichever accounts it uses', async () => {
  const from = '198.51.100.9';
  const statuses: number[] = [];
  for (let account = 0; account < 3; account += 1) {
    const { browser } = await createOwner(test.server);
    for (let index = 0; index < 4; index += 1)
      statuses.push(
        (await enterCode(browser, wrongCode(index), { from, replica: test.server.urls[index % 2] ?? '' })).status,
      );
  }
  expect(statuses).toEqual([...Array.from({ length: 9 }, () => 422), 429, 429, 429]);
});

it('D1: all accounts together may enter 2,000 wrong codes', async () => {
  const guesser = await createOwner(test.server);
  const enter = (index: number) => enterCode(guesser.browser, wrongCode(index), { from: '198.51.100.10' });
  expect((await enter(0)).status).toBe(422);
  await test.database.query('update attempts set count = 1999 where key_hash = $1', [hashSecret('user-code:all')]);
  expect([(await enter(1)).status, (await enter(2)).status]).toEqual([422, 429]);
  await test.database.query('delete from attempts where key_hash = $1', [hashSecret('user-code:all')]);
});

it('D1: only text with the form of a code counts as a guess; upper and lower case and separators do not matter', async () => {
  const guesser = await createOwner(test.server);
  for (const text of ['', 'BCDF', 'AEIO-UAEI', 'BCDF-GHJK-L', '12345678', '<script>']) {
    const page = await enterCode(guesser.browser, text);
    expect([text, page.status]).toEqual([text, 422]);
    expect(readText(page.text)).toContain('Enter the 8 letters your terminal shows');
  }
  const { user_code: userCode } = await test.begin();
  const plain = userCode.replace('-', '').toLowerCase();
  for (const text of [plain, ` ${userCode} `, plain.split('').join(' '), userCode.replace('-', '–')])
    expect([text, (await enterCode(guesser.browser, text)).status]).toEqual([text, 303]);
});

it('D1: codes that are unknown, expired, or used by another owner get the same answer', async () => {
  const other = await createOwner(test.server);
  const device = await test.begin();
  await decideDevice(other.browser, device, 'allow');
  const expired = await test.begin();
  await test.database.query("update device_codes set expires_at = now() where user_code_hash <> ''");
  const guesser = await createOwner(test.server);
  const read = async (code: string) => {
    const page = await enterCode(guesser.browser, code);
    return [page.status, readText(page.text), page.text.includes('aria-invalid="true"')];
  };
  const unknown = await read('BBBB-BBBB');
  expect(unknown).toEqual([422, expect.stringContaining('We don’t recognize this code'), true]);
  expect(await read(expired.user_code)).toEqual(unknown);
  expect(await read(device.user_code)).toEqual(unknown);
});
