import { grantPath } from '@aipassport/contracts';
import { paths } from '../endpoints.js';
import type { KeyState } from '../interaction/list-key-states.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { renderPage, type SignedIn } from './layout.js';
import type { PageScript } from './page-script.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, useTexts } from './text.js';

interface PlaygroundPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  /** Undefined for a visitor. */
  readonly signedIn: SignedIn | undefined;
  readonly script: PageScript;
  /** Whether the URL of the page contains the answer to an authorization request, which the script will show. */
  readonly isCallback: boolean;
  /** Undefined when this server does not know the AI provider that the playground uses. */
  readonly payer: PayerProps | undefined;
  /** The values that the script needs. The names are those of the script's variables. */
  readonly settings: Readonly<
    Record<'issuer' | 'proxy' | 'clientId' | 'redirectUri' | 'scope' | 'details' | 'questionPath' | 'question', string>
  >;
}

interface Step {
  readonly name: string;
  readonly title: FixedId;
  readonly about: FixedId;
  /** The height that is reserved for the answer, in lines. A longer answer scrolls. */
  readonly lines: Lines;
}

type Lines = 2 | 6 | 10;

/** In the order in which the script takes them. */
const steps: readonly Step[] = [
  { name: 'authorize', title: 'playground.authorize', about: 'playground.authorizeAbout', lines: 6 },
  { name: 'token', title: 'playground.token', about: 'playground.tokenAbout', lines: 10 },
  { name: 'chat', title: 'playground.chat', about: 'playground.chatAbout', lines: 10 },
  { name: 'grant', title: 'playground.grant', about: 'playground.grantAbout', lines: 10 },
  { name: 'refresh', title: 'playground.refresh', about: 'playground.refreshAbout', lines: 10 },
  { name: 'revoke', title: 'playground.revoke', about: 'playground.revokeAbout', lines: 2 },
  { name: 'refused', title: 'playground.refused', about: 'playground.refusedAbout', lines: 10 },
];

const problems: Readonly<Record<string, FixedId>> = {
  mismatch: 'playground.mismatch',
  denied: 'playground.denied',
  failed: 'playground.failed',
};

export function renderPlaygroundPage(props: PlaygroundPageProps): string {
  const { stylesheet, texts, signedIn, script, payer, settings } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('playground.title'),
    signedIn,
    script,
    children: (
      <div
        data-playground
        data-issuer={settings.issuer}
        data-proxy={settings.proxy}
        data-client-id={settings.clientId}
        data-redirect-uri={settings.redirectUri}
        data-scope={settings.scope}
        data-details={settings.details}
        data-authorize-path={paths.authorization}
        data-token-path={paths.token}
        data-revoke-path={paths.revocation}
        data-question-path={settings.questionPath}
        data-grant-path={grantPath}
        data-question={settings.question}
      >
        <p class="back">
          <a href={paths.developers}>{texts('developers.title')}</a>
        </p>
        <h1>{texts('playground.title')}</h1>
        <p>{texts('playground.about')}</p>
        {payer !== undefined && <Payer {...payer} />}
        <noscript>
          <p class="notice">{texts('playground.needsScript')}</p>
        </noscript>
        <ol class="steps">
          {steps.map((step) => (
            <StepView key={step.name} {...step} isCallback={props.isCallback} />
          ))}
        </ol>
        <div role="alert" class="step-problem">
          {Object.entries(problems).map(([name, text]) => (
            <p key={name} id={`problem-${name}`} class="notice" hidden>
              {texts(text)}
            </p>
          ))}
        </div>
      </div>
    ),
  });
}

interface PayerProps {
  /** The provider key that is used. For a visitor: the same as for an owner without a provider key of their own. */
  readonly keyState: KeyState;
  readonly provider: string;
  readonly isSignedIn: boolean;
  /** The most that the playground can spend, in nano-US-dollars. */
  readonly maxCost: bigint;
}

/** Says who pays for the requests of the playground. */
function Payer({ keyState, provider, isSignedIn, maxCost: amount }: PayerProps) {
  const texts = useTexts();
  const link = <a href={paths.keys} />;
  const describe = () => {
    switch (keyState.kind) {
      case 'own':
      case 'own_unchecked':
        return texts('playground.paysOwn', { provider, ending: keyState.lastFour, amount });
      case 'own_refused':
        return <Text id="playground.paysRefused" provider={provider} ending={keyState.lastFour} link={link} />;
      case 'server':
        return texts(isSignedIn ? 'playground.paysServer' : 'playground.paysOwnOrServer', { provider, amount });
      case 'simulated':
        return texts(isSignedIn ? 'playground.paysNobody' : 'playground.paysOwnOrNobody', { provider, amount });
      case 'server_used_up':
        return <Text id="playground.paysUsedUp" provider={provider} link={link} />;
      case 'missing':
        return <Text id="playground.paysMissing" provider={provider} link={link} />;
    }
  };
  return <p class="notice">{describe()}</p>;
}

function StepView({ name, title, about, lines, isCallback }: Step & { readonly isCallback: boolean }) {
  const texts = useTexts();
  const titleId = `${name}-title`;
  const isFirst = name === 'authorize';
  return (
    <li>
      <h2 id={titleId}>{texts(title)}</h2>
      <p>{texts(about)}</p>
      <Exchange
        id={`${name}-request`}
        titleId={titleId}
        label={texts('playground.request')}
        isShown={isFirst}
        lines={isFirst ? 10 : undefined}
      />
      <button type="button" id={`${name}-run`} disabled>
        {texts(title)}
      </button>
      <Exchange
        id={`${name}-answer`}
        titleId={titleId}
        label={texts('playground.answer')}
        isShown={isFirst && isCallback}
        lines={lines}
      />
    </li>
  );
}

interface ExchangeProps {
  readonly id: string;
  /** The identifier of the step's title. */
  readonly titleId: string;
  readonly label: string;
  /** Whether the script fills it in when the page opens. Then there is room for it from the start. */
  readonly isShown: boolean;
  /** The height in lines. Undefined: the height of the text. */
  readonly lines: Lines | undefined;
}

/** A request or an answer. It is hidden until the script fills it in, or begins to wait for the answer. */
function Exchange({ id, titleId, label, isShown, lines }: ExchangeProps) {
  return (
    <div id={`${id}-box`} hidden={!isShown}>
      <h3 id={`${id}-label`}>{label}</h3>
      <pre
        class={lines === undefined ? 'snippet' : `snippet lines-${lines}`}
        id={id}
        role="region"
        aria-labelledby={`${titleId} ${id}-label`}
        tabIndex={0}
        lang="en"
      />
    </div>
  );
}
