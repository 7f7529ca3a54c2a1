import { type AccessRequest, type ScopeToken, type Upstream, type UpstreamCatalogue } from '@aipassport/policy';
import type { AccountLimit, Grant } from '@aipassport/store/authorization';
import { describeDestination } from '../describe-destination.js';
import { formatUserCode } from '../device/user-codes.js';
import type { ClientLink } from '../interaction/client-links.js';
import type { DayRange, LifetimeChoice } from '../limits/lifetime-choices.js';
import type { LimitTexts } from '../limits/limit-texts.js';
import type { ChosenExpiry } from '../limits/read-expiry.js';
import type { Destination } from '../oidc/interactions.js';
import { exactly, type Texts } from '../texts/texts.js';
import { AppHead } from './app-head.js';
import { ClientLinks } from './client-links.js';
import { Confirmation } from './confirmation.js';
import { renderPage } from './layout.js';
import { LifetimeFields } from './lifetime-fields.js';
import { LimitFields } from './limit-fields.js';
import { ErrorSummary, ForeignText, type Problem, Time } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, useTexts } from './text.js';
import { TokenChoice } from './token-choice.js';

/**
 * The contents of the form's fields. At first they are the values that the client asked for. When the form is shown
 * again, they are the owner's values.
 */
export interface ConsentFields extends ChosenExpiry {
  readonly tickedTokens: readonly string[];
  readonly limits: LimitTexts;
}

/** The data about the request and its client for each page on which an owner decides. */
export interface RequestPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly csrfToken: string;
  readonly requestHash: string;
  readonly action: string;
  readonly email: string;
  readonly timeZone: string;
  readonly clientName: string;
  /** The path of the client's logo; undefined when there is none to show. */
  readonly logo: string | undefined;
  readonly destination: Destination;
  readonly isVouchedFor: boolean;
  /** The host that publishes the client's metadata; undefined for a client that is registered here. */
  readonly identifierHost: string | undefined;
  readonly links: readonly ClientLink[];
  readonly lifetimes: readonly LifetimeChoice[];
  readonly days: DayRange;
  readonly upstreams: UpstreamCatalogue;
  readonly fields: ConsentFields;
  readonly problems: readonly Problem[];
}

interface ConsentPageProps extends RequestPageProps {
  readonly request: AccessRequest;
  /** The grant whose terms the request replaces; undefined for a new grant. */
  readonly replaced: Grant | undefined;
  /** The AI providers that can serve this owner. */
  readonly servedUpstreams: readonly Upstream[];
  /** The limit on the spending of all apps together; undefined when there is none. */
  readonly accountLimit: AccountLimit | undefined;
}

export function renderConsentPage(props: ConsentPageProps): string {
  const { stylesheet, texts, csrfToken, requestHash, action, request, fields, problems, email, accountLimit } = props;
  const { servedUpstreams, upstreams, replaced, timeZone } = props;
  const choice = { tickedTokens: fields.tickedTokens, servedUpstreams, upstreams, problems };
  const models = pick(request, ({ kind }) => kind !== 'capability');
  const capabilities = pick(request, ({ kind }) => kind === 'capability');
  return renderPage({
    stylesheet,
    texts,
    title: texts('consent.title'),
    children: (
      <article class="consent">
        <Introduction
          {...props}
          wish={replaced === undefined ? 'consent.wish' : 'consent.wishReplace'}
          reason={request.reason}
        />
        {replaced !== undefined && <Replacement grant={replaced} timeZone={timeZone} />}
        <ErrorSummary problems={problems} />
        <form method="post" action={action} noValidate>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="request_hash" value={requestHash} />
          <TokenChoice id="models" legend={texts('consent.models')} {...models} {...choice} />
          <TokenChoice id="capabilities" legend={texts('consent.capabilities')} {...capabilities} {...choice} />
          <LimitFields texts={fields.limits} asked={request.limits} problems={problems}>
            {accountLimit && (
              <p class="aside">
                {texts('consent.allApps', {
                  limit: exactly(accountLimit.maxCostPerMonth),
                  used: accountLimit.monthCost,
                })}
              </p>
            )}
          </LimitFields>
          <LifetimeFields {...props} />
          <Confirmation problems={problems} />
          <Decision email={email} />
        </form>
      </article>
    ),
  });
}

function Decision({ email }: Pick<ConsentPageProps, 'email'>) {
  return (
    <>
      <DecisionButtons />
      <p class="aside">
        <Text id="consent.footer" email={email} em={<em />} />
      </p>
    </>
  );
}

export function DecisionButtons() {
  return (
    <div class="button-row">
      <button type="submit" name="decision" value="deny" class="secondary outline">
        <Text id="consent.deny" />
      </button>
      <button type="submit" name="decision" value="allow">
        <Text id="consent.allow" />
      </button>
    </div>
  );
}

function pick({ tokens, choosable }: AccessRequest, isPicked: (token: ScopeToken) => boolean) {
  return { tokens: tokens.filter(isPicked), choosable: choosable.filter(isPicked) };
}

interface TerminalWarningProps {
  readonly userCode: string;
  readonly isVouchedFor: boolean;
}

/** RFC 8628 section 5.4: the owner must be able to tell their own terminal from another person's. */
function TerminalWarning({ userCode, isVouchedFor }: TerminalWarningProps) {
  return (
    <div class="destination">
      <p>
        <Text id="consent.terminal" code={<strong class="user-code">{formatUserCode(userCode)}</strong>} />
      </p>
      <p class="warning">
        <Text id="consent.terminalWarning" /> {!isVouchedFor && <Text id="consent.terminalUnverified" />}
      </p>
    </div>
  );
}

interface IntroductionProps
  extends Pick<ConsentPageProps, 'clientName' | 'logo' | 'destination' | 'isVouchedFor' | 'identifierHost' | 'links'> {
  /** The heading. */
  readonly wish: 'consent.wish' | 'consent.wishReplace' | 'consent.wishMore';
  /** Why the client asks, in its own words. */
  readonly reason: string | undefined;
}

/** Shows which client asks, why it asks, and where the browser goes afterwards or which terminal is waiting. */
export function Introduction({
  clientName,
  logo,
  destination,
  isVouchedFor,
  identifierHost,
  links,
  wish,
  reason,
}: IntroductionProps) {
  const texts = useTexts();
  return (
    <>
      <AppHead logo={logo}>
        <h1>
          <Text id={wish} app={<ForeignText>{clientName}</ForeignText>} />
        </h1>
      </AppHead>
      {identifierHost !== undefined && (
        <p class="destination">
          <Text
            id="consent.publishedBy"
            host={
              <strong>
                <ForeignText>{identifierHost}</ForeignText>
              </strong>
            }
          />
        </p>
      )}
      {destination.kind === 'redirect' ? (
        <p class="destination">
          <Text
            id="consent.returnTo"
            place={
              <strong>
                <ForeignText>{describeDestination(destination.redirectUri, texts)}</ForeignText>
              </strong>
            }
          />
          {!isVouchedFor && (
            <small>
              <Text id="consent.unverified" />
            </small>
          )}
        </p>
      ) : (
        <TerminalWarning userCode={destination.userCode} isVouchedFor={isVouchedFor} />
      )}
      <ClientLinks links={links} />
      {reason !== undefined && (
        <figure class="reason">
          <figcaption>
            <Text id="consent.message" />
          </figcaption>
          <blockquote>
            <ForeignText>{reason}</ForeignText>
          </blockquote>
        </figure>
      )}
    </>
  );
}

/** Says that the request replaces the terms of a grant, and that its usage stays counted. */
function Replacement({ grant, timeZone }: { readonly grant: Grant; readonly timeZone: string }) {
  const { usage, createdAt } = grant;
  return (
    <p>
      <Text
        id="consent.replaces"
        time={<Time at={createdAt} timeZone={timeZone} />}
        spent={usage.spent}
        count={usage.requests}
      />
    </p>
  );
}
