/** SECRET, because it may contain a password. The message of an error contains no part of the value. */
export const smtpUrl = { form: 'an `smtp://` or `smtps://` URL', secret: true, parse: parseSmtpUrl };

/** A mail server, and how this server signs in to it. SECRET: contains a password. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** `tls`: encrypted from the first byte. `starttls`: encrypted before the sign-in. `none`: never encrypted. */
  readonly encryption: 'tls' | 'starttls' | 'none';
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
}

function parseSmtpUrl(value: string): SmtpServer {
  const url = URL.canParse(value) ? new URL(value) : fail(smtpUrl.form);
  const isTls = url.protocol === 'smtps:';
  if ((!isTls && url.protocol !== 'smtp:') || url.hostname === '') fail(smtpUrl.form);
  const isPlain = url.search === '?tls=none';
  if (url.search !== '' && (!isPlain || isTls)) fail('a URL without parameters; only `smtp://` may have `?tls=none`');
  if (url.hash !== '' || !['', '/'].includes(url.pathname)) fail('a URL without a path');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 465 : 587) : Number(url.port),
    encryption: isTls ? 'tls' : isPlain ? 'none' : 'starttls',
    credentials: url.username === '' ? undefined : readCredentials(url),
  };
}

function readCredentials({ username, password }: URL): SmtpServer['credentials'] {
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    return fail('a URL whose user name and password are percent-encoded: a `%` is written as `%25`');
  }
}

/** The name and the e-mail address of a sender. */
export interface MailSender {
  readonly name: string;
  readonly email: string;
}

export const mailSender = {
  form: 'an email address such as `AIPassport <no-reply@example.com>`',
  parse: (value: string): MailSender => {
    // no control characters, and no characters that have a meaning in a header
    const [, name = '', inBrackets, bare] =
      /^(?:([^<>"@,;:\\\p{C}]*)<([^<>\s@]+@[^<>\s@]+)>|([^<>\s@,;]+@[^<>\s@,;]+))$/u.exec(value.trim()) ?? [];
    const email = inBrackets ?? bare ?? fail(mailSender.form);
    if (!/^[\x21-\x7e]+$/.test(email)) fail(mailSender.form);
    return { name: name.trim(), email };
  },
};

function fail(form: string): never {
  throw new Error(`must be ${form}`);
}
