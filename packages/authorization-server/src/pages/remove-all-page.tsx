import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { renderPage, type SignedIn } from './layout.js';
import type { Stylesheet } from './stylesheet.js';

interface RemoveAllPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  /** How many apps have access. */
  readonly apps: number;
  /** How many answers are in progress. */
  readonly answers: number;
}

export function renderRemoveAllPage({ csrfToken, apps, answers, ...page }: RemoveAllPageProps): string {
  const { texts } = page;
  return renderPage({
    ...page,
    title: texts('connected.removeAllTitle'),
    children: (
      <>
        <p class="back">
          <a href={paths.apps}>{texts('apps.title')}</a>
        </p>
        <h1>{texts('connected.removeAllTitle')}</h1>
        <article>
          {apps === 0 ? (
            <p>{texts('connected.noneLeftAll')}</p>
          ) : (
            <>
              <p>{texts('connected.removeAllAbout', { apps, answers })}</p>
              <p>{texts('connected.removeAllKeeps')}</p>
              <form method="post" action={paths.removeAll}>
                <input type="hidden" name="csrf_token" value={csrfToken} />
                <button type="submit" class="danger">
                  {texts('connected.removeAll')}
                </button>
              </form>
            </>
          )}
        </article>
      </>
    ),
  });
}
