import { renderToString } from 'preact-render-to-string';
import { type Message, message, type Texts } from '../texts/texts.js';

/** The content of a mail, before it is written in a language. */
export interface MailContent {
  readonly subject: Message;
  readonly paragraphs: readonly Message[];
  /** The link that the reader can open. SECRET: its URL may contain a token. */
  readonly link?: { readonly label: Message; readonly url: string };
  /** After the link. */
  readonly notes: readonly Message[];
  /**
   * The last sentence, which says why the reader gets the mail. Undefined: the usual sentence, which names the
   * account's settings for such mails.
   */
  readonly footer?: Message;
}

export interface RenderedMail {
  readonly subject: string;
  /** SECRET, like the HTML: it may contain the token of a link. */
  readonly text: string;
  readonly html: string;
}

/** Writes a mail as plain text and as simple HTML, without pictures or anything else to fetch. */
export function renderMail(content: MailContent, texts: Texts): RenderedMail {
  const { subject, paragraphs, link, notes } = content;
  const lines = [
    ...paragraphs.map(texts.say),
    ...(link === undefined ? [] : [`${texts.say(link.label)}:\n${link.url}`]),
    ...notes.map(texts.say),
    texts.say(content.footer ?? usualFooter),
  ];
  return {
    // a mail header must be one line
    subject: texts.say(subject).replaceAll(/\s+/g, ' ').trim(),
    text: `${lines.join('\n\n')}\n`,
    html: `<!doctype html>${renderToString(<Mail texts={texts} content={content} />)}`,
  };
}

const usualFooter = message('mail.footer');
const font = 'font-family: system-ui, sans-serif; font-size: 16px; line-height: 1.5; max-width: 36em';

function Mail({
  texts,
  content: { paragraphs, link, notes, footer = usualFooter },
}: {
  readonly texts: Texts;
  readonly content: MailContent;
}) {
  const write = (message: Message) => {
    const text = texts.say(message);
    return <p key={text}>{text}</p>;
  };
  return (
    <html lang={texts.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="color-scheme" content="light dark" />
      </head>
      <body style={font}>
        {paragraphs.map(write)}
        {link !== undefined && (
          <p>
            <a href={link.url}>{texts.say(link.label)}</a>
          </p>
        )}
        {notes.map(write)}
        <p style="opacity: 0.75">{texts.say(footer)}</p>
      </body>
    </html>
  );
}
