import { describeScopeToken, type ScopeToken, upstreamNames, upstreams } from '@aipassport/policy';
import { FieldProblem, type Problem } from './parts.js';

interface TokenChoiceProps {
  readonly id: string;
  readonly legend: string;
  /** What the client asks for. */
  readonly tokens: readonly ScopeToken[];
  /** What it leaves to the owner. */
  readonly choosable: readonly ScopeToken[];
  readonly tickedTokens: readonly string[];
  readonly problems: readonly Problem[];
}

/** One group of checkboxes: what the client asks for, or, where it names nothing, all that there is to choose from. */
export function TokenChoice(props: TokenChoiceProps) {
  const { id, legend, tokens, choosable, tickedTokens, problems } = props;
  const hint = `${id}-hint`;
  const isLeft = choosable.length > 0;
  return (
    <fieldset id={id} class="choices" aria-describedby={isLeft ? hint : undefined}>
      <legend>{legend}</legend>
      {isLeft && (
        <p id={hint} class="aside">
          The app leaves this to you. {id === 'models' ? 'Tick the models that it may use.' : 'Tick what it may do.'}
        </p>
      )}
      <FieldProblem problems={problems} field={id} />
      <Checkboxes id={id} tokens={tokens} tickedTokens={tickedTokens} />
      {id === 'models' ? (
        <ModelsByUpstream choosable={choosable} tickedTokens={tickedTokens} />
      ) : (
        <Checkboxes id={`${id}-left`} tokens={choosable} tickedTokens={tickedTokens} />
      )}
    </fieldset>
  );
}

/** Too many for one list: each provider's behind its name, open where something is ticked. */
function ModelsByUpstream({ choosable, tickedTokens }: Pick<TokenChoiceProps, 'choosable' | 'tickedTokens'>) {
  return (
    <>
      {upstreams.map((upstream) => {
        const ofUpstream = choosable.filter((token) => 'upstream' in token && token.upstream === upstream);
        const all = ofUpstream.filter(({ kind }) => kind === 'all-models');
        const models = ofUpstream.filter(({ kind }) => kind !== 'all-models');
        if (ofUpstream.length === 0) return null;
        return (
          <details key={upstream} class="models" open={ofUpstream.some(({ text }) => tickedTokens.includes(text))}>
            <summary>
              {upstreamNames[upstream]} <small>{models.length} models</small>
            </summary>
            <Checkboxes id={`models-${upstream}`} tokens={[...models, ...all]} tickedTokens={tickedTokens} />
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
}

function Checkboxes({ id, tokens, tickedTokens }: CheckboxesProps) {
  return (
    <>
      {tokens.map((token, index) => {
        const { title, warning } = describeScopeToken(token);
        const warningId = `${id}-${index}-warning`;
        return (
          <div class="choice" key={token.text}>
            <label>
              <input
                type="checkbox"
                name="scope"
                value={token.text}
                checked={tickedTokens.includes(token.text)}
                aria-describedby={warning === undefined ? undefined : warningId}
              />
              <span>{title}</span>
            </label>
            {warning !== undefined && (
              <small id={warningId} class="warning">
                {warning}
              </small>
            )}
          </div>
        );
      })}
    </>
  );
}
