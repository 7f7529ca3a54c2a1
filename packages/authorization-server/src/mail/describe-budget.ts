import { formatPath, paths } from '../endpoints.js';
import { exactly, type Message, message, partOf } from '../texts/texts.js';
import type { MailContext, MailOf } from './mail-context.js';
import { nameApp } from './name-app.js';
import type { MailContent } from './render-mail.js';

/** The mail about a budget that is mostly or completely used. */
export function describeBudget({ detail, client }: MailOf<'budget'>, { issuer, texts }: MailContext): MailContent {
  const { app, grantId, level } = detail;
  const isReached = level === 100;
  return {
    subject: message(isReached ? 'mail.budgetReachedSubject' : 'mail.budgetSubject'),
    paragraphs: [
      app === null ? describeOverall(detail) : describeApp(detail, nameApp(app, client, texts)),
      message(isReached ? 'mail.budgetReached' : 'mail.budgetNear'),
    ],
    link: {
      label: message('mail.budgetLink'),
      url: `${issuer}${grantId === null ? paths.settings : formatPath(paths.grantLimits, grantId)}`,
    },
    notes: [message('mail.unwanted')],
  };
}

type Detail = MailOf<'budget'>['detail'];

function readAmounts(detail: Detail) {
  const limit = BigInt(detail.limit);
  return { used: partOf(limit, BigInt(detail.used)), limit: exactly(limit) };
}

function describeOverall(detail: Detail): Message {
  return message('mail.budgetOverall', readAmounts(detail));
}

function describeApp(detail: Detail, app: string): Message {
  const values = { ...readAmounts(detail), app };
  switch (detail.period) {
    case 'total':
      return message('mail.budgetTotal', values);
    case 'month':
      return message('mail.budgetMonth', values);
    case 'day':
      return message('mail.budgetDay', values);
  }
}
