import type { DueMail } from '@aipassport/store/authorization';
import { formatPath, paths } from '../endpoints.js';
import { visibleText } from '../text/visible-text.js';
import { type FixedId, instant, type Message, message } from '../texts/texts.js';
import type { MailContent } from './render-mail.js';

/** How long the link of each mail works. */
export const addressLinkSeconds = 24 * 3_600;
export const resetLinkSeconds = 3_600;

/** What each kind of mail says. @returns SECRET: the link may contain a token */
export function describeMail(mail: DueMail, issuer: string): MailContent {
  const { address, timeZone } = mail;
  const at = (path: string) => `${issuer}${path}`;
  switch (mail.kind) {
    case 'confirm_address':
    case 'confirm_new_address': {
      const isNew = mail.kind === 'confirm_new_address';
      return {
        subject: message('mail.confirmSubject'),
        paragraphs: [isNew ? message('mail.confirmNew', { address }) : message('mail.confirm', { address })],
        link: {
          label: message('mail.confirmLink'),
          url: at(formatTokenPath(paths.emailConfirmation, mail.detail.token)),
        },
        notes: [message('mail.confirmNote')],
      };
    }
    case 'reset_password':
      return {
        subject: message('mail.resetSubject'),
        paragraphs: [message('mail.reset')],
        link: { label: message('mail.resetLink'), url: at(formatTokenPath(paths.passwordReset, mail.detail.token)) },
        notes: [message('mail.resetNote')],
      };
    case 'address_changed':
      return {
        subject: message('mail.addressChangedSubject'),
        paragraphs: [message('mail.addressChanged', when(mail.detail.at, timeZone))],
        notes: [message('mail.addressChangedNote')],
      };
    case 'password_changed':
      return warn('mail.passwordChangedSubject', message('mail.passwordChanged', when(mail.detail.at, timeZone)), at);
    case 'new_device': {
      const { browser, system } = mail.detail;
      const device = [browser, system].filter((part) => part !== null).join(', ');
      const values = when(mail.detail.at, timeZone);
      const happened =
        device === '' ? message('mail.newUnknownDevice', values) : message('mail.newDevice', { ...values, device });
      return warn('mail.newDeviceSubject', happened, at);
    }
    case 'new_app':
      return {
        subject: message('mail.newAppSubject'),
        paragraphs: [describeNewApp(mail.detail.app, mail.detail.at, timeZone)],
        link: { label: message('mail.newAppLink'), url: at(formatPath(paths.grant, mail.detail.grantId)) },
        notes: [message('mail.newAppNote'), message('mail.unwanted')],
      };
  }
}

/** The path of a page whose link has a token. The page moves the token to a cookie at once. */
function formatTokenPath(path: string, token: string): string {
  return `${path}?${new URLSearchParams({ token })}`;
}

/** A change that a stranger could have made. */
function warn(subject: FixedId, happened: Message, at: (path: string) => string): MailContent {
  return {
    subject: message(subject),
    paragraphs: [happened],
    link: { label: message('mail.sessionsLink'), url: at(paths.sessions) },
    notes: [message('mail.notYou')],
  };
}

function describeNewApp(name: string, at: string, timeZone: string): Message {
  const values = when(at, timeZone);
  const app = readAppName(name);
  return app === undefined ? message('mail.newUnnamedApp', values) : message('mail.newApp', { ...values, app });
}

/**
 * The name of an app, which the app chose itself. Mail programs make links of addresses in a text, so a name that looks
 * like an address is left out.
 */
function readAppName(name: string): string | undefined {
  const visible = visibleText(name).replaceAll(/\s+/g, ' ').trim();
  return visible === '' || /:\/\/|@|\w\.\w{2}|www\./iu.test(visible) ? undefined : visible.slice(0, 80);
}

/** An instant, and the name of the time zone in which it is written. */
function when(at: string, timeZone: string) {
  return { at: instant(new Date(at), timeZone), timeZone };
}
