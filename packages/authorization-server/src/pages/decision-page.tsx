import type { UpstreamCatalogue } from '@aipassport/policy';
import type { ComponentChildren } from 'preact';
import type { ClientLink } from '../interaction/client-links.js';
import type { ConsentFields } from '../interaction/consent-fields.js';
import type { AppDescription } from '../interaction/describe-app.js';
import type { KeyState } from '../interaction/list-key-states.js';
import type { DayRange, LifetimeChoice } from '../limits/lifetime-choices.js';
import type { Destination } from '../oidc/interactions.js';
import type { Texts } from '../texts/texts.js';
import type { ConfirmWays } from './confirm-ways.js';
import { Confirmation } from './confirmation.js';
import { AllowLabel, FailedParts, LiveParts, ShownChoice, type SummaryProps } from './consent-summary.js';
import { Introduction, type IntroductionProps } from './introduction.js';
import { renderPage, renderPart } from './layout.js';
import type { PageScript } from './page-script.js';
import { ErrorSummary, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

/** The properties of every page on which an owner decides about a client's request. */
export interface RequestPageProps extends AppDescription {
  readonly stylesheet: Stylesheet;
  readonly script: PageScript;
  readonly texts: Texts;
  readonly csrfToken: string;
  readonly requestHash: string;
  readonly action: string;
  readonly summaryAction: string;
  readonly summary: SummaryProps;
  readonly email: string;
  /** The page on which another person can sign in. */
  readonly otherAccountPath: string;
  readonly timeZone: string;
  /** The path of the client's logo; undefined when there is none to show. */
  readonly logo: string | undefined;
  readonly destination: Destination;
  readonly links: readonly ClientLink[];
  readonly lifetimes: readonly LifetimeChoice[];
  readonly days: DayRange;
  readonly upstreams: UpstreamCatalogue;
  /** Which provider key is used for each AI provider: the owner's, the operator's, or none. */
  readonly keyStates: readonly KeyState[];
  /** The path of this page. */
  readonly returnPath: string;
  /** The ways in which the owner can prove their identity in the form. */
  readonly confirmWays: ConfirmWays;
  readonly now: Date;
  readonly fields: ConsentFields;
  readonly problems: readonly Problem[];
}

interface DecisionPageProps extends RequestPageProps {
  readonly title: string;
  readonly wish: IntroductionProps['wish'];
  /** Why the client asks, in its own words. */
  readonly reason: string | undefined;
  /** What the page says before the form. */
  readonly about?: ComponentChildren;
  /** The fields, and the summary of the choices. */
  readonly form: ComponentChildren;
  /** What the page shows after the form. */
  readonly after?: ComponentChildren;
  readonly footer: 'consent.footer' | 'consent.moreFooter';
}

/** A page with the form in which an owner allows or denies a client's request. */
export function renderDecisionPage(props: DecisionPageProps): string {
  const { stylesheet, script, confirmWays, texts, title, action, summary, problems } = props;
  return renderPage({
    stylesheet,
    script,
    confirmWays,
    texts,
    title,
    children: (
      <article class="consent">
        <Introduction {...props} />
        {props.about}
        <ErrorSummary problems={problems} />
        <form method="post" action={action} data-summary={props.summaryAction} noValidate>
          <UpdateButton />
          <input type="hidden" name="csrf_token" value={props.csrfToken} />
          <input type="hidden" name="request_hash" value={props.requestHash} />
          <ShownChoice {...summary} />
          {props.form}
          <Confirmation problems={problems} keepsForm />
          <DecisionButtons summary={summary} />
          <FailedParts />
        </form>
        {props.after}
        <Footer {...props} />
      </article>
    ),
  });
}

/** Renders the parts of the page that change with the owner's choices. The page's script requests them. */
export function renderSummary(texts: Texts, summary: SummaryProps): string {
  return renderPart(texts, <LiveParts {...summary} />);
}

/**
 * The first button of the form, which the Enter key presses. It decides nothing: it shows the page again with a summary
 * of the present choices.
 */
function UpdateButton() {
  return (
    <button type="submit" name="decision" value="update" class="enter-key" tabIndex={-1}>
      <Text id="summary.update" />
    </button>
  );
}

/** The buttons of the decision. `consent.css` keeps them on the screen at all times. */
function DecisionButtons({ summary }: { readonly summary: SummaryProps }) {
  return (
    <div class="button-row decision">
      <button type="submit" name="decision" value="deny" class="secondary outline">
        <Text id="consent.deny" />
      </button>
      <button type="submit" name="decision" value="allow" data-confirmed>
        <AllowLabel {...summary} />
      </button>
    </div>
  );
}

function Footer({ email, otherAccountPath, footer }: DecisionPageProps) {
  return (
    <p class="aside">
      <Text id="consent.notYou" email={email} link={<a href={otherAccountPath} />} /> <Text id={footer} em={<em />} />
    </p>
  );
}
