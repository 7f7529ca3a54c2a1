import type { FixedId, Message, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { renderPage, type SignedIn } from './layout.js';
import { ErrorSummary, FieldProblem, ForeignText, invalidity, type Problem, Shown } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

export interface QuestionPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  /** The path to which the form is sent. */
  readonly action: string;
  readonly title: FixedId;
  /** What the act ends; undefined when the title says it. */
  readonly subject?: string | undefined;
  /** What the act does, in sentences. */
  readonly effects: readonly Message[];
  /** The text of the button that does it. */
  readonly submit: FixedId;
  /** The page to which “Cancel” leads. */
  readonly back: string;
  /** The values that the page showed, for an act that an old page must not do. */
  readonly shown?: { readonly values: unknown } | undefined;
  /** The page to which the owner continues. */
  readonly returnTo?: string | undefined;
  /** The name that must be typed; undefined when a press is enough. `text`: what was typed. */
  readonly typedName?: { readonly text: string } | undefined;
  readonly problems: readonly Problem[];
}

/** Says what an irreversible act does, and asks once more. */
export function renderQuestionPage(props: QuestionPageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, title, subject, effects, back, typedName, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts(title),
    signedIn,
    children: (
      <article class="narrow">
        <h1>{texts(title)}</h1>
        <ErrorSummary problems={problems} />
        {subject !== undefined && (
          <p>
            <strong>
              <ForeignText>{subject}</ForeignText>
            </strong>
          </p>
        )}
        {effects.map((effect) => (
          <p key={texts.say(effect)}>{texts.say(effect)}</p>
        ))}
        <form method="post" action={props.action} autocomplete="off">
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="asked" value="yes" />
          {props.shown !== undefined && <Shown values={props.shown.values} />}
          {props.returnTo !== undefined && <input type="hidden" name="return_to" value={props.returnTo} />}
          {typedName !== undefined && (
            <>
              <label for="name">{texts('clients.typeName')}</label>
              <input id="name" name="name" maxLength={100} value={typedName.text} {...invalidity(problems, 'name')} />
              <FieldProblem problems={problems} field="name" />
            </>
          )}
          <Confirmation problems={problems} />
          <div class="button-row">
            <a role="button" class="secondary outline" href={back}>
              {texts('operator.back')}
            </a>
            <button type="submit" class="danger">
              {texts(props.submit)}
            </button>
          </div>
        </form>
      </article>
    ),
  });
}
