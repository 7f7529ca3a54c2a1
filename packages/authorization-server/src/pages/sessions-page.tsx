import type { ListedSession } from '@aipassport/store/authorization';
import type { ListPage } from '../account/list-page.js';
import { nameDevice } from '../account/name-device.js';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { DangerForm } from './danger-form.js';
import { renderPage, type SignedIn } from './layout.js';
import { PageLinks } from './page-links.js';
import { BackToSecurity, Notice, RelativeTime, TimeZoneNote } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface SessionsPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly now: Date;
  readonly sessions: ListPage<ListedSession>;
  readonly notice: FixedId | undefined;
}

export function renderSessionsPage(props: SessionsPageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, timeZone, sessions, notice } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('sessions.title'),
    signedIn,
    children: (
      <>
        <BackToSecurity />
        <h1>{texts('sessions.title')}</h1>
        <p>{texts('sessions.about')}</p>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <article>
          <ul class="keys">
            {sessions.entries.map((session) => (
              <Item key={session.publicId} session={session} {...props} />
            ))}
          </ul>
          <PageLinks list={sessions} path={paths.sessions} />
        </article>
        {sessions.total > 1 && (
          <article>
            <form method="post" action={paths.otherSessionsEnd}>
              <input type="hidden" name="csrf_token" value={csrfToken} />
              <button type="submit" class="danger">
                {texts('sessions.endOthers')}
              </button>
            </form>
            <p class="aside">{texts('sessions.note')}</p>
          </article>
        )}
        <TimeZoneNote timeZone={timeZone} />
      </>
    ),
  });
}

type ItemProps = Pick<SessionsPageProps, 'texts' | 'csrfToken' | 'timeZone' | 'now'> & {
  readonly session: ListedSession;
};

function Item({ session, texts, csrfToken, timeZone, now }: ItemProps) {
  const { publicId, device, createdAt, lastSeenAt, isCurrent } = session;
  const nameId = `session-${publicId}`;
  const created = <RelativeTime at={createdAt} timeZone={timeZone} now={now} />;
  return (
    <li>
      <div>
        <strong id={nameId}>{nameDevice(texts, device) ?? texts('sessions.unknownDevice')}</strong>
        <p>
          {isCurrent ? (
            <Text id="sessions.current" created={created} />
          ) : (
            <Text
              id="sessions.other"
              created={created}
              seen={<RelativeTime at={lastSeenAt} timeZone={timeZone} now={now} />}
            />
          )}
        </p>
      </div>
      {!isCurrent && (
        <DangerForm action={formatPath(paths.sessionEnd, publicId)} csrfToken={csrfToken} describedBy={nameId}>
          {texts('sessions.end')}
        </DangerForm>
      )}
    </li>
  );
}
