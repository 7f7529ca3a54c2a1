import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { SmtpServer } from '../src/mail/mail-variables.js';
import { openTransport } from '../src/mail/open-transport.js';

const hasOpenssl = spawnSync('openssl', ['version']).error === undefined;
if (!hasOpenssl)
  console.warn('The tests of TLS are skipped: openssl, which makes their certificates, is not installed.');

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const credentials = { user: 'mailer@example.com', password: 'canary-password-plover-5512' };
const trusted = tls.getCACertificates('default');
const closers: (() => Promise<void>)[] = [];
let known: Certificate;
let unknown: Certificate;

beforeAll(() => {
  if (!hasOpenssl) return;
  known = makeCertificate('known', 'IP:127.0.0.1');
  unknown = makeCertificate('unknown', 'IP:127.0.0.1');
  tls.setDefaultCACertificates([...trusted, known.cert]);
});
afterAll(() => tls.setDefaultCACertificates(trusted));
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A certificate that is signed with its own key. */
function makeCertificate(subject: string, name: string): Certificate {
  const folder = mkdtempSync(path.join(tmpdir(), 'smtp-'));
  const [keyFile, certFile] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const about = ['-subj', `/CN=${subject}`, '-addext', `subjectAltName=${name}`, '-keyout', keyFile, '-out', certFile];
  const { status, stderr } = spawnSync('openssl', [...args, ...about], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const made = { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') };
  rmSync(folder, { recursive: true });
  return made;
}

interface TestMailServer {
  readonly port: number;
  /** The user names and passwords that arrived. */
  readonly logins: { readonly user: string; readonly password: string; readonly isEncrypted: boolean }[];
  /** The mails that arrived. */
  readonly mails: string[];
}

async function start(options: SMTPServerOptions): Promise<TestMailServer> {
  const [logins, mails]: [TestMailServer['logins'], string[]] = [[], []];
  const server = new SMTPServer({
    onAuth: ({ username, password }, { secure }, done) => {
      const user = username ?? '';
      logins.push({ user, password: password ?? '', isEncrypted: secure });
      if (password === credentials.password) done(null, { user });
      else done(new Error('wrong password'));
    },
    onData: (stream, _session, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        mails.push(text);
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined); // a client that refuses the certificate ends the connection
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, logins, mails };
}

function send(server: Pick<SmtpServer, 'port' | 'encryption'> & Partial<SmtpServer>): Promise<void> {
  const from = { name: 'AIPassport', email: 'no-reply@passport.example' };
  const smtp = { host: '127.0.0.1', credentials, ...server };
  const transport = openTransport({ kind: 'smtp', server: smtp, from }, pino({ enabled: false }));
  const mail = { id: '1', to: 'owner@example.com', subject: 'Hello', text: 'Hello', html: '<p>Hello</p>' };
  return transport(mail, AbortSignal.timeout(20_000));
}

const withOpenssl = hasOpenssl ? describe : describe.skip;

withOpenssl('a mail server with TLS and a password', () => {
  it.each([
    ['tls', { secure: true }],
    ['starttls', {}],
  ] as const)('gets the password and the mail over an encrypted connection: %s', async (encryption, options) => {
    const server = await start({ ...options, ...known });
    await send({ port: server.port, encryption });
    expect(server.logins).toEqual([{ ...credentials, isEncrypted: true }]);
    expect(server.mails).toHaveLength(1);
  });

  it.each([
    ['tls', { secure: true }],
    ['starttls', {}],
  ] as const)(
    'gets neither the password nor the mail if no known authority signed its certificate: %s',
    async (encryption, options) => {
      const server = await start({ ...options, ...unknown });
      await expect(send({ port: server.port, encryption })).rejects.toThrow(/self.signed/);
      expect([server.logins, server.mails]).toEqual([[], []]);
    },
  );

  it('gets neither the password nor the mail if its certificate has another name', async () => {
    const other = makeCertificate('other', 'DNS:mail.example.com');
    tls.setDefaultCACertificates([...trusted, known.cert, other.cert]);
    const server = await start({ secure: true, ...other });
    await expect(send({ port: server.port, encryption: 'tls' })).rejects.toThrow(/does not match/);
    expect([server.logins, server.mails]).toEqual([[], []]);
  });

  it('gets neither the password nor the mail if it offers no encryption', async () => {
    const server = await start({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
    await expect(send({ port: server.port, encryption: 'starttls' })).rejects.toThrow();
    expect([server.logins, server.mails]).toEqual([[], []]);
  });

  it('a wrong password fails with the code EAUTH, after which the mail is tried again', async () => {
    const server = await start({ secure: true, ...known });
    const wrong = { ...credentials, password: 'another password' };
    const sent = send({ port: server.port, encryption: 'tls', credentials: wrong });
    await expect(sent).rejects.toMatchObject({ code: 'EAUTH' });
    expect(server.mails).toEqual([]);
  });
});
