import type { ComponentChildren } from 'preact';
import { paths } from '../endpoints.js';
import type { OperatorContact } from '../help/parse-contact.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { renderPage, type SignedIn } from './layout.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, useTexts } from './text.js';

interface HelpPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  /** Undefined when the reader is not signed in. */
  readonly signedIn: SignedIn | undefined;
  readonly contact: OperatorContact | undefined;
  /** Whether this server sends e-mails, so that a confirmed e-mail address helps after a forgotten password. */
  readonly sendsMail: boolean;
}

/** A short guide for owners: what an app may do, where to see it, how to end it, and whom to ask. */
export function renderHelpPage({ stylesheet, texts, signedIn, contact, sendsMail }: HelpPageProps): string {
  const apps = <a href={paths.apps} />;
  return renderPage({
    stylesheet,
    texts,
    title: texts('common.help'),
    signedIn,
    children: (
      <>
        <h1>{texts('common.help')}</h1>
        <p>{texts('help.about')}</p>
        <Topic heading="help.yourAiTitle">
          <Text id="help.yourAi" keys={<a href={paths.keys} />} />
        </Topic>
        <Topic heading="help.allowTitle">
          <Text id="help.allow" />
        </Topic>
        <Topic heading="help.seeTitle">
          <Text id="help.see" apps={apps} overview={<a href={paths.account} />} />
        </Topic>
        <Topic heading="help.removeTitle">
          <Text id="help.remove" apps={apps} all={<a href={paths.removeAll} />} />
        </Topic>
        <Topic heading="help.payTitle">
          <Text id="help.pay" keys={<a href={paths.keys} />} settings={<a href={paths.settings} />} />
        </Topic>
        <Topic heading="help.signInTitle">
          <Text id={sendsMail ? 'help.signIn' : 'help.signInWithoutMail'} link={<a href={paths.forgottenPassword} />} />
        </Topic>
        <Topic heading="help.contactTitle">
          {contact === undefined ? (
            <Text id="help.contactUnknown" />
          ) : (
            <Text id="help.contact" link={<a href={contact.href} />} contact={contact.text} />
          )}
        </Topic>
        <p class="aside">
          <Text id="help.developers" link={<a href={paths.developers} />} />
        </p>
      </>
    ),
  });
}

function Topic({ heading, children }: { readonly heading: FixedId; readonly children: ComponentChildren }) {
  return (
    <article>
      <h2>{useTexts()(heading)}</h2>
      <p class="topic">{children}</p>
    </article>
  );
}
