import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { waitUntil } from './wait-until.js';

interface LinkChoice {
  /** The address that the e-mail was sent to; any by default. */
  readonly to?: string;
  /** A link to this path that is skipped, such as the link of an earlier e-mail. */
  readonly other?: string;
}

/**
 * The link to this path in an e-mail, as a path with its query. Waits for the e-mail, which is sent in the background.
 * SECRET: it contains a token.
 */
export async function findLink(
  outbox: string,
  path: string,
  { to = '', other = '' }: LinkChoice = {},
): Promise<string> {
  const links = () =>
    listMails(outbox, to)
      .flatMap((mail) => [...mail.matchAll(/https?:\/\/[\w.:-]+(\/[^\s"<>]*)/g)].map(([, target = '']) => target))
      .filter((target) => target.startsWith(path) && target !== other);
  await waitUntil(() => links().length > 0, `an e-mail with a link to ${path}`, 20_000);
  return links()[0] ?? '';
}

/** The subjects of the e-mails that were sent to an address. */
export function listSubjects(outbox: string, to: string): string[] {
  return listMails(outbox, to).map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1] ?? '');
}

function listMails(outbox: string, to: string): readonly string[] {
  return (existsSync(outbox) ? readdirSync(outbox) : [])
    .filter((file) => file.endsWith('.eml'))
    .map((file) => readMail(`${outbox}/${file}`))
    .filter((mail) => (/^To: (.*)$/m.exec(mail)?.[1] ?? '').includes(to));
}

function readMail(file: string): string {
  return readFileSync(file, 'utf8')
    .replaceAll(/=\r?\n/g, '')
    .replaceAll('=3D', '=');
}
