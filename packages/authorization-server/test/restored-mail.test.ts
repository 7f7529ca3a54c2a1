import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileText } from '@aipassport/store';
import { endRestoredAccess, insertMail } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createConfirmedOwner } from './support/confirmed-owner.js';
import { send } from './support/http.js';
import { type MailServer, sendTo, startMailServer } from './support/mail-server.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { waitUntil } from './support/wait-until.js';

let directory: string;
let database: TestDatabase;
let mailServer: MailServer;
let server: TestServer;
beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-restored-'));
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  mailServer = await startMailServer();
  const configuration = { ...sendTo(mailServer), restoreMark: fileText(path.join(directory, 'mark')) };
  server = await startTestServer({ replicas: 2, database, configuration });
});
afterAll(async () => {
  await server?.close();
  await mailServer?.close();
  await database?.close();
  rmSync(directory, { recursive: true, force: true });
});

const statuses = async () => Promise.all(server.urls.map(async (url) => (await send(`${url}/jwks`)).status));

// The ids at the beginning of titles are rows of docs/security.md.
it('F10: the mails of a restored backup are not sent again, not even before a server looks for a restore', async () => {
  const { accountId } = await createConfirmedOwner(server, mailServer);
  const address = 'gone@example.org';
  await database.query('update restore_marks set at = 0');
  await insertMail(server.db, { accountId, email: address, kind: 'address_changed', language: 'en', detail: {} });
  await waitUntil(async () => (await statuses()).every((status) => status === 503));
  const listWaiting = () => server.db.selectFrom('mails').select('tries').where('address', '=', address).execute();
  await waitUntil(async () => (await listWaiting()).some(({ tries }) => tries > 0));
  await endRestoredAccess(server.db, []);
  await waitUntil(async () => (await statuses()).every((status) => status === 200));
  expect(await listWaiting()).toEqual([]);
  expect(mailServer.mails.flatMap(({ to }) => to)).not.toContain(address);
});
