import type { DueMail, MailKind } from '@aipassport/store/authorization';
import { nameDevice } from '../account/name-device.js';
import { describeEvent } from '../activity/describe-event.js';
import { formatPath, paths } from '../endpoints.js';
import { type FixedId, instant, type Message, message } from '../texts/texts.js';
import { describeBudget } from './describe-budget.js';
import type { MailContext, MailOf } from './mail-context.js';
import { nameApp, nameOwnApp } from './name-app.js';
import type { MailContent } from './render-mail.js';

/** The lifetime of a link that confirms an e-mail address. */
export const confirmationLinkSeconds = 24 * 3_600;
/** The lifetime of a link that sets a new password. */
export const resetLinkSeconds = 3_600;

type Descriptions = { readonly [Kind in MailKind]: (mail: MailOf<Kind>, context: MailContext) => MailContent };

/** What each kind of mail says. SECRET: a link may contain a token. */
const descriptions: Descriptions = {
  confirm_address: ({ email }, context) => describeConfirmation(message('mail.confirm', { email }), context),
  confirm_new_address: ({ email }, context) => describeConfirmation(message('mail.confirmNew', { email }), context),
  reset_password: (_mail, context) => ({
    subject: message('mail.resetSubject'),
    paragraphs: [message('mail.reset')],
    link: { label: message('mail.resetLink'), url: formatTokenUrl(context, paths.passwordReset) },
    notes: [message('mail.resetNote')],
  }),
  address_changed: (mail) => ({
    subject: message('mail.emailChangedSubject'),
    paragraphs: [message('mail.emailChanged', when(mail))],
    notes: [message('mail.emailChangedNote')],
  }),
  password_changed: (mail, context) =>
    warnOfWayIn('mail.passwordChangedSubject', message('mail.passwordChanged', when(mail)), context),
  sign_in_changed: (mail, context) => {
    const change = context.texts(describeEvent({ kind: mail.detail.event, detail: {} }));
    return warnOfWayIn('mail.signInChangedSubject', message('mail.signInChanged', { ...when(mail), change }), context);
  },
  api_token_changed: (mail, { issuer, texts }) => {
    const change = texts(describeEvent({ kind: mail.detail.event, detail: {} }));
    return {
      subject: message('mail.tokenChangedSubject'),
      paragraphs: [message('mail.tokenChanged', { ...when(mail), change })],
      link: { label: message('mail.tokenChangedLink'), url: `${issuer}${paths.accountTokens}` },
      notes: [message('mail.tokenChangedNote')],
    };
  },
  own_client_changed: (mail, { issuer, texts }) => {
    const { event, app, clientId } = mail.detail;
    const values = { ...when(mail), app: nameOwnApp(app, texts) };
    return {
      subject: message('mail.ownClientSubject'),
      paragraphs: [
        event === 'client_changed'
          ? message('mail.ownClientRedirects', values)
          : message('mail.ownClientSecret', values),
      ],
      link: { label: message('mail.ownClientLink'), url: `${issuer}${formatPath(paths.developerClient, clientId)}` },
      notes: [message('mail.ownClientNote')],
    };
  },
  new_device: (mail, context) => {
    const { browser, system } = mail.detail;
    const device = nameDevice(context.texts, { browser: browser ?? undefined, system: system ?? undefined });
    const happened =
      device === undefined
        ? message('mail.newUnknownDevice', when(mail))
        : message('mail.newDevice', { ...when(mail), device });
    return warn('mail.newDeviceSubject', happened, context);
  },
  operator_changed: (mail, { issuer }) => ({
    ...(mail.detail.event === 'operator_added'
      ? {
          subject: message('mail.operatorAddedSubject'),
          paragraphs: [message('mail.operatorAdded', { ...when(mail), server: issuer })],
          link: { label: message('mail.operatorLink'), url: `${issuer}${paths.operator}` },
        }
      : {
          subject: message('mail.operatorRemovedSubject'),
          paragraphs: [message('mail.operatorRemoved', { ...when(mail), server: issuer })],
        }),
    notes: [message('mail.operatorNote')],
  }),
  account_deleted: (mail, { issuer }) => ({
    subject: message('mail.accountDeletedSubject'),
    paragraphs: [message('mail.accountDeleted', { ...when(mail), server: issuer })],
    notes: [message('mail.accountDeletedNote')],
    footer: message('mail.lastFooter'),
  }),
  new_app: (mail, { issuer, texts }) => {
    const { app, grantId, hadAccess } = mail.detail;
    const values = { ...when(mail), app: nameApp(app, mail.client, texts) };
    return {
      subject: message(hadAccess === true ? 'mail.changedAppSubject' : 'mail.newAppSubject'),
      paragraphs: [hadAccess === true ? message('mail.changedApp', values) : message('mail.newApp', values)],
      link: { label: message('mail.newAppLink'), url: `${issuer}${formatPath(paths.grant, grantId)}` },
      notes: [message('mail.newAppNote'), message('mail.unwanted')],
    };
  },
  budget: describeBudget,
  key_refused: (mail, { issuer, upstreams }) => ({
    subject: message('mail.keyRefusedSubject'),
    paragraphs: [message('mail.keyRefused', { provider: upstreams.labelOf(mail.detail.upstream) })],
    link: { label: message('mail.keyRefusedLink'), url: `${issuer}${paths.keys}` },
    notes: [message('mail.unwanted')],
  }),
  access_ends: (mail, { issuer, texts }) => {
    const { app, grantId, endsAt } = mail.detail;
    const at = instant(new Date(endsAt), mail.timeZone);
    return {
      subject: message('mail.accessEndsSubject'),
      paragraphs: [message('mail.accessEnds', { app: nameApp(app, mail.client, texts), at, timeZone: mail.timeZone })],
      link: { label: message('mail.accessEndsLink'), url: `${issuer}${formatPath(paths.grantLimits, grantId)}` },
      notes: [message('mail.unwanted')],
    };
  },
};

export function describeMail(mail: DueMail, context: MailContext): MailContent {
  // the compiler does not see that the function and the mail have the same kind
  const describe = descriptions[mail.kind] as (mail: DueMail, context: MailContext) => MailContent;
  return describe(mail, context);
}

function describeConfirmation(paragraph: Message, context: MailContext): MailContent {
  return {
    subject: message('mail.confirmSubject'),
    paragraphs: [paragraph],
    link: { label: message('mail.confirmLink'), url: formatTokenUrl(context, paths.emailConfirmation) },
    notes: [message('mail.confirmNote')],
  };
}

/** Writes a link that contains a token. The page that it opens moves the token to a cookie at once. */
function formatTokenUrl({ issuer, linkToken: token }: MailContext, path: string): string {
  if (token === undefined) throw new Error('a mail with a link has no token');
  return `${issuer}${path}?${new URLSearchParams({ token })}`;
}

/** A mail about a sign-in that a stranger may have made. */
function warn(subject: FixedId, happened: Message, { issuer }: MailContext): MailContent {
  return {
    subject: message(subject),
    paragraphs: [happened],
    link: { label: message('mail.sessionsLink'), url: `${issuer}${paths.sessions}` },
    notes: [message('mail.notYou')],
  };
}

/** A mail about a change that would let a stranger sign in, even after the owner has set a new password. */
function warnOfWayIn(subject: FixedId, happened: Message, { issuer }: MailContext): MailContent {
  return {
    subject: message(subject),
    paragraphs: [happened],
    link: { label: message('mail.securityLink'), url: `${issuer}${paths.security}` },
    notes: [message('mail.notYourChange')],
  };
}

/** The time of the mail's cause, and the name of the time zone in which it is written. */
function when({ createdAt, timeZone }: Pick<DueMail, 'createdAt' | 'timeZone'>) {
  return { at: instant(createdAt, timeZone), timeZone };
}
