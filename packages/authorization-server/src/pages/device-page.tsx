import { userCodeField } from '../device/user-codes.js';
import { paths } from '../endpoints.js';
import { renderPage } from './layout.js';
import { ErrorSummary, FieldProblem, invalidity, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface DevicePageProps {
  readonly stylesheet: Stylesheet;
  readonly csrfToken: string;
  readonly email: string;
  /** The text that the owner typed, or the code in the address. */
  readonly typed: string;
  readonly problems: readonly Problem[];
}

/** The form for the code that a terminal shows. */
export function renderDevicePage({ stylesheet, csrfToken, email, typed, problems }: DevicePageProps): string {
  const problem = invalidity(problems, userCodeField);
  return renderPage({
    stylesheet,
    title: 'Connect a terminal',
    children: (
      <article class="narrow">
        <h1>Connect a terminal</h1>
        <p>Enter the code that your terminal shows. On the next page you decide what it may use.</p>
        <ErrorSummary problems={problems} />
        <form method="post" action={paths.device} noValidate>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <label for={userCodeField}>Code</label>
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
            Only continue if you started this on your own terminal. If somebody sent you this code or this link, close
            the page: they would get to use your AI.
          </p>
          <button type="submit">Continue</button>
        </form>
        <p class="aside">Signed in as {email}.</p>
      </article>
    ),
  });
}
