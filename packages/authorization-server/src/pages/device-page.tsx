import { userCodeField } from '../device/user-codes.js';
import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { ErrorSummary, FieldProblem, invalidity, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface DevicePageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly csrfToken: string;
  readonly email: string;
  /** The text that the owner typed, or the code in the URL. */
  readonly typed: string;
  readonly problems: readonly Problem[];
}

/** The form for the code that a terminal shows. */
export function renderDevicePage({ stylesheet, texts, csrfToken, email, typed, problems }: DevicePageProps): string {
  const problem = invalidity(problems, userCodeField);
  return renderPage({
    stylesheet,
    texts,
    title: texts('device.title'),
    children: (
      <article class="narrow">
        <h1>{texts('device.title')}</h1>
        <p>{texts('device.about')}</p>
        <ErrorSummary problems={problems} />
        <form method="post" action={paths.device} noValidate>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <label for={userCodeField}>{texts('device.code')}</label>
          <input
            id={userCodeField}
            name={userCodeField}
            class="user-code-field"
            type="text"
            inputMode="text"
            autocomplete="off"
            autocapitalize="characters"
            autocorrect="off"
            spellcheck={false}
            maxLength={40}
            placeholder="XXXX-XXXX"
            value={typed}
            required
            {...problem}
            aria-describedby={[...Object.values(problem).filter((id) => id !== 'true'), 'code-warning'].join(' ')}
          />
          <FieldProblem problems={problems} field={userCodeField} />
          <p class="warning" id="code-warning">
            {texts('device.warning')}
          </p>
          <button type="submit">{texts('device.continue')}</button>
        </form>
        <p class="aside">{texts('common.signedInAs', { email })}</p>
      </article>
    ),
  });
}
