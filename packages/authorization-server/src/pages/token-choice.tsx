import { nameModel, type ScopeToken, type Upstream, type UpstreamCatalogue } from '@aipassport/policy';
import { Fragment } from 'preact';
import { describePermission } from '../describe-permission.js';
import { FieldProblem, type Problem } from './parts.js';
import { Text, useTexts } from './text.js';

interface TokenChoiceProps {
  readonly id: string;
  readonly legend: string;
  /** The scope tokens that the client asks for. */
  readonly tokens: readonly ScopeToken[];
  /** The scope tokens among which the client lets the owner choose. */
  readonly choosable: readonly ScopeToken[];
  readonly tickedTokens: readonly string[];
  /**
   * The AI providers that can serve this owner, with a provider key of the owner or of the operator. They are listed
   * first.
   */
  readonly servedUpstreams: readonly Upstream[];
  readonly upstreams: UpstreamCatalogue;
  readonly problems: readonly Problem[];
}

/**
 * One group of checkboxes: the scope tokens that the client asks for. If the client names none, the group has all scope
 * tokens that the owner may choose.
 */
export function TokenChoice(props: TokenChoiceProps) {
  const { id, legend, tokens, choosable, tickedTokens, servedUpstreams, upstreams, problems } = props;
  const hint = `${id}-hint`;
  const isLeft = choosable.length > 0;
  const isWrong = problems.some(({ field }) => field === id);
  const descriptions = [isLeft ? [hint] : [], isWrong ? [`${id}-problem`] : []].flat().join(' ');
  return (
    <fieldset id={id} class="choices" aria-describedby={descriptions || undefined}>
      <legend>{legend}</legend>
      {isLeft && (
        <p id={hint} class="aside">
          <Text id={id === 'models' ? 'consent.chooseModels' : 'consent.chooseCapabilities'} />
        </p>
      )}
      <FieldProblem problems={problems} field={id} />
      <Checkboxes id={id} {...{ tokens, tickedTokens, upstreams }} />
      {id === 'models' ? (
        <ModelsByUpstream {...{ choosable, tickedTokens, servedUpstreams, upstreams }} />
      ) : (
        <Checkboxes id={`${id}-left`} tokens={choosable} {...{ tickedTokens, upstreams }} />
      )}
    </fieldset>
  );
}

type ModelsProps = Pick<TokenChoiceProps, 'choosable' | 'tickedTokens' | 'servedUpstreams' | 'upstreams'>;

/** The models of each AI provider are a separate list. A list is open when something in it is ticked. */
function ModelsByUpstream({ choosable, tickedTokens, servedUpstreams, upstreams }: ModelsProps) {
  const isServed = (upstream: Upstream) => servedUpstreams.includes(upstream);
  const names = upstreams.entries.map(({ name }) => name);
  const sorted = [...names.filter(isServed), ...names.filter((name) => !isServed(name))];
  return (
    <>
      {sorted.map((upstream) => {
        const ofUpstream = choosable.filter((token) => 'upstream' in token && token.upstream === upstream);
        const all = ofUpstream.filter(({ kind }) => kind === 'all-models');
        const models = ofUpstream.filter(({ kind }) => kind !== 'all-models');
        if (ofUpstream.length === 0) return null;
        return (
          <details key={upstream} class="models" open={ofUpstream.some(({ text }) => tickedTokens.includes(text))}>
            <summary>
              {upstreams.labelOf(upstream)}{' '}
              <small>
                <Text
                  id={isServed(upstream) ? 'consent.modelCount' : 'consent.modelCountNoKey'}
                  count={models.length}
                />
              </small>
            </summary>
            <div class="model-list">
              <Checkboxes
                id={`models-${upstream}`}
                tokens={[...all, ...models]}
                isUnderProvider
                {...{ tickedTokens, upstreams }}
              />
            </div>
          </details>
        );
      })}
    </>
  );
}

interface CheckboxesProps {
  readonly id: string;
  readonly tokens: readonly ScopeToken[];
  readonly tickedTokens: readonly string[];
  readonly upstreams: UpstreamCatalogue;
  /** Whether the heading above names the AI provider. If so, the names of the models leave it out. */
  readonly isUnderProvider?: boolean;
}

/** Each checkbox has few elements and no wrapper, because a list may have hundreds of models. */
function Checkboxes({ id, tokens, tickedTokens, upstreams, isUnderProvider = false }: CheckboxesProps) {
  const texts = useTexts();
  return (
    <>
      {tokens.map((token, index) => {
        const { title, warning } = describePermission(token, upstreams);
        const warningId = `${id}-${index}-warning`;
        return (
          <Fragment key={token.text}>
            <label>
              <input
                type="checkbox"
                name="scope"
                value={token.text}
                checked={tickedTokens.includes(token.text)}
                aria-describedby={warning === undefined ? undefined : warningId}
              />
              {isUnderProvider && token.kind === 'model' ? nameModel(token.modelId) : texts.say(title)}
            </label>
            {warning !== undefined && (
              <small id={warningId} class="warning">
                {texts.say(warning)}
              </small>
            )}
          </Fragment>
        );
      })}
    </>
  );
}
