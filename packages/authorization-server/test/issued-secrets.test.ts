import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SecretFiles } from '@aipassport/contracts';
import { insertMail } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { locateRotatedSecrets } from '../src/rotated-secrets.js';
import { Browser } from './support/browser.js';
import { type Answer, json, send } from './support/http.js';
import { startIdentityProvider, type TestIdentityProvider } from './support/identity-provider.js';
import { type MailServer, sendTo, startMailServer, takeMail } from './support/mail-server.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { waitUntil } from './support/wait-until.js';

const [oldToken, newToken] = ['the-first-registration-token-0123456789', 'the-second-registration-token-0123456789'];
const [oldSecret, newSecret] = ['canary-first-secret-0123456789', 'canary-second-secret-0123456789'];

let directory: string;
let mailServer: MailServer;
let accepted: readonly string[] = ['first'];
let idp: TestIdentityProvider;
let server: TestServer;

const fileOf = (name: string) => path.join(directory, name);
function replace(name: string, content: string): void {
  writeFileSync(`${fileOf(name)}.new`, content);
  renameSync(`${fileOf(name)}.new`, fileOf(name));
}
const describeProvider = (secret: string) =>
  JSON.stringify([
    { name: 'elsewhere', label: 'Elsewhere', issuer: idp.url, client_id: 'aipassport', client_secret: secret },
  ]);
const smtpUrl = (password: string) => `smtp://us:${password}@127.0.0.1:${mailServer.port}?tls=none`;
const callback = () => `${server.issuer}/account/identities/elsewhere/callback`;
/** Each replica is asked as behind a load balancer. */
const host = () => new URL(server.issuer).host;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-issued-'));
  mailServer = await startMailServer(() => accepted);
  idp = await startIdentityProvider('elsewhere');
  replace('token', oldToken);
  replace('smtp', smtpUrl('first'));
  replace('providers', describeProvider(oldSecret));
  const variables = {
    DATABASE_URL: 'postgres://nobody@localhost/none',
    SIGNING_KEYS_FILE: 'unused',
    COOKIE_KEYS_FILE: 'unused',
    SEALING_PUBLIC_KEY_FILE: 'unused',
    CLIENT_REGISTRATION: 'token',
    REGISTRATION_TOKEN_FILE: fileOf('token'),
    SMTP_URL_FILE: fileOf('smtp'),
    MAIL_FROM: 'AIPassport <no-reply@passport.example>',
    IDENTITY_PROVIDERS_FILE: fileOf('providers'),
  };
  const source = { variables, readFile: (file: string) => readFileSync(file, 'utf8') };
  server = await startTestServer({
    replicas: 2,
    configuration: {
      ...sendTo(mailServer),
      clientRegistration: { kind: 'token', token: oldToken },
      identityProviders: [{ ...idp.entry, clientSecret: oldSecret }],
    },
    rotatedSecrets: (log) => {
      const secretFiles = new SecretFiles(source);
      secretFiles.reportTo(log);
      return locateRotatedSecrets(source, secretFiles);
    },
  });
  idp.register(callback(), oldSecret);
});
afterAll(async () => {
  await server?.close();
  await idp?.close();
  await mailServer?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Opens a page of each replica without a pause while `work` runs. @returns what was not answered with 200 */
async function underLoad(work: () => Promise<void>): Promise<readonly number[]> {
  const failures: number[] = [];
  let isOver = false;
  const load = (async () => {
    while (!isOver)
      for (const url of server.urls) {
        const { status } = await send(`${url}/help`, { headers: { host: host() } });
        if (status !== 200) failures.push(status);
      }
  })();
  await work().finally(() => {
    isOver = true;
  });
  await load;
  return failures;
}

const registerAt = (url: string, token: string): Promise<Answer> =>
  send(`${url}/register`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', host: host() },
    body: JSON.stringify({ client_name: 'App', redirect_uris: ['https://app.example/callback'] }),
  });
const registerEach = async (token: string) =>
  (await Promise.all(server.urls.map((url) => registerAt(url, token)))).map(({ status }) => status);

async function signInElsewhere(): Promise<number> {
  const browser = new Browser(server.issuer);
  idp.person = { sub: randomUUID(), email: `${randomUUID()}@example.com`, email_verified: true };
  const there = await browser.open('/account/identities/elsewhere/start');
  return (await browser.open(await idp.visit(there.url))).status;
}

async function mailSomeone(): Promise<void> {
  const { accountId } = await createOwner(server);
  const email = `${randomUUID()}@example.com`;
  await insertMail(server.db, { accountId, email, kind: 'address_changed', language: 'en', detail: {} });
  await takeMail(mailServer, email, 'Your email address was changed');
}

it('a new registration token in its file is the only one that every replica accepts, within seconds', async () => {
  expect(await registerEach(oldToken)).toEqual([201, 201]);
  const failures = await underLoad(async () => {
    replace('token', newToken);
    await waitUntil(async () => (await registerEach(newToken)).every((status) => status === 201));
  });
  expect(failures).toEqual([]);
  expect(await registerEach(oldToken)).toEqual([401, 401]);
});

it('a new secret of an identity provider in its file is used for the next sign-in', async () => {
  expect(await signInElsewhere()).toBe(200);
  const failures = await underLoad(async () => {
    idp.register(callback(), newSecret);
    replace('providers', describeProvider(newSecret));
    await waitUntil(async () => (await signInElsewhere()) === 200);
  });
  expect(failures).toEqual([]);
});

it('a new password of the mail server in its file is used for the next mail', async () => {
  await mailSomeone();
  accepted = ['first', 'second'];
  replace('smtp', smtpUrl('second'));
  await mailSomeone();
  await waitUntil(async () => server.logLines.some((line) => line.includes('"variable":"SMTP_URL_FILE"')));
  accepted = ['second'];
  await mailSomeone();
  expect(server.logLines.filter((line) => line.includes('mail_not_sent'))).toEqual([]);
});

it('a file that is not valid changes nothing; the log and the health answer of each replica name it', async () => {
  const remarks = async () =>
    (await Promise.all(server.urls.map((url) => send(`${url}/health/ready`)))).map(
      (answer) => (json(answer)['checks'] as { readonly keys: { readonly message?: string } }).keys.message,
    );
  const failures = await underLoad(async () => {
    replace('token', 'too short');
    replace('smtp', 'https://canary.example');
    replace('providers', '[{ "name": "canary" }]');
    const message = 'the file of a secret can no longer be read: ';
    const isSaid = (remark = '') =>
      ['REGISTRATION_TOKEN_FILE', 'SMTP_URL_FILE', 'IDENTITY_PROVIDERS_FILE'].every((name) => remark.includes(name)) &&
      remark.startsWith(message);
    await waitUntil(async () => (await remarks()).every(isSaid));
    expect(await registerEach(newToken)).toEqual([201, 201]);
    expect(await signInElsewhere()).toBe(200);
    await mailSomeone();
    replace('token', newToken);
    replace('smtp', smtpUrl('second'));
    replace('providers', describeProvider(newSecret));
    await waitUntil(async () => (await remarks()).every((remark) => remark === undefined));
  });
  expect(failures).toEqual([]);
  expect(server.logLines.filter((line) => line.includes('"secret_unreadable"'))).toHaveLength(3);
  expect(server.logLines.join('\n')).not.toMatch(/canary|first@|second@/);
});
