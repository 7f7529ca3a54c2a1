import { identifyClient } from '@aipassport/store/authorization';
import { paths } from '../endpoints.js';
import type { Subject } from '../operator/changes.js';
import type { FixedId, Message } from '../texts/texts.js';
import { AppName } from './app-name.js';
import { ClientUrls } from './client-urls.js';
import { Confirmation } from './confirmation.js';
import { renderPage } from './layout.js';
import { OperatorNavigation, type OperatorPageProps } from './operator-parts.js';
import { ErrorSummary, ForeignText, type Problem, Shown } from './parts.js';

interface OperatorChangePageProps extends OperatorPageProps {
  readonly csrfToken: string;
  readonly change: {
    readonly name: string;
    readonly returnTo: (subject: string) => string;
    readonly title: FixedId;
    readonly about: Message;
    readonly isDanger: boolean;
  };
  /** The identifier of the account, the client or the invitation that is changed. */
  readonly subject: string;
  readonly shown: Subject;
  readonly problems: readonly Problem[];
}

export function renderOperatorChangePage(props: OperatorChangePageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, change, subject, shown, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts(change.title),
    signedIn,
    children: (
      <>
        <OperatorNavigation />
        <h1>{texts(change.title)}</h1>
        <ErrorSummary problems={problems} />
        <article>
          <p>
            <strong>
              {shown.client === undefined ? (
                <ForeignText>{shown.name}</ForeignText>
              ) : (
                <AppName app={identifyClient(shown.client)} />
              )}
            </strong>
            {shown.name !== subject && (
              <small class="subject-id">
                <code>{subject}</code>
              </small>
            )}
          </p>
          {shown.client !== undefined && <ClientUrls client={shown.client} />}
          <p>{texts.say(change.about)}</p>
          <form method="post" action={paths.operatorChange}>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            <Shown values={shown} />
            <input type="hidden" name="act" value={change.name} />
            <input type="hidden" name="subject" value={subject} />
            <Confirmation problems={problems} />
            <div class="button-row">
              <a role="button" class="secondary outline" href={change.returnTo(subject)}>
                {texts('operator.back')}
              </a>
              <button type="submit" class={change.isDanger ? 'danger' : undefined}>
                {texts(change.title)}
              </button>
            </div>
          </form>
        </article>
      </>
    ),
  });
}
