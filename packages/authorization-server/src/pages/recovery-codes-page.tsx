import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { renderPage, type SignedIn } from './layout.js';
import { BackToSecurity, ErrorSummary, Notice, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface RecoveryCodesPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  /** How many codes work. */
  readonly left: number;
  /** SECRET: the codes that were just made, for people to read. Empty: none were made. */
  readonly codes: readonly string[];
  readonly problems: readonly Problem[];
}

export function renderRecoveryCodesPage(props: RecoveryCodesPageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, left, codes, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('recovery.title'),
    signedIn,
    children: (
      <>
        <BackToSecurity />
        <h1>{texts('recovery.title')}</h1>
        <p>{texts('recovery.about')}</p>
        <ErrorSummary problems={problems} />
        {codes.length > 0 && <NewCodes codes={codes} texts={texts} />}
        <article>
          <p>{texts('recovery.left', { count: left })}</p>
          <form method="post" action={paths.recoveryCodes}>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            <Confirmation problems={problems} />
            <button type="submit" class={codes.length > 0 ? 'secondary' : undefined}>
              {texts(left === 0 ? 'recovery.create' : 'recovery.replace')}
            </button>
          </form>
          {left > 0 && <p class="aside">{texts('recovery.replaceNote')}</p>}
        </article>
      </>
    ),
  });
}

function NewCodes({ codes, texts }: Pick<RecoveryCodesPageProps, 'codes' | 'texts'>) {
  return (
    <>
      <Notice>{texts('recovery.created')}</Notice>
      <article>
        <p>{texts('recovery.keep')}</p>
        <ul class="recovery-codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
      </article>
    </>
  );
}
