import { signInPath } from '../account/return-to.js';
import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { CodeField } from './code-field.js';
import { renderPage } from './layout.js';
import type { PageScript } from './page-script.js';
import { ErrorSummary, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface SecondFactorPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  /** Fills in the browser's time zone. */
  readonly timeZoneScript: PageScript;
  readonly csrfToken: string;
  readonly returnTo: string;
  readonly problems: readonly Problem[];
}

export function renderSecondFactorPage(props: SecondFactorPageProps): string {
  const { stylesheet, timeZoneScript, texts, csrfToken, returnTo, problems } = props;
  return renderPage({
    stylesheet,
    timeZoneScript,
    texts,
    title: texts('authenticator.codeTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('authenticator.codeTitle')}</h1>
        <p>{texts('authenticator.codeAbout')}</p>
        <ErrorSummary problems={problems} />
        <form method="post" action={paths.secondFactor}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="time_zone" value="" />
          <input type="hidden" name="return_to" value={returnTo} />
          <CodeField text="authenticator.code" problems={problems} />
          <button type="submit">{texts('signIn.submit')}</button>
        </form>
        <p class="aside">{texts('authenticator.lost')}</p>
        <p class="links">
          <Text id="authenticator.startOver" link={<a href={signInPath(returnTo)} />} />
        </p>
      </article>
    ),
  });
}
