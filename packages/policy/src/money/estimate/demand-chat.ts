import type { JsonObject } from '../json.js';
import type { Usage } from '../usage.js';
import type { CallTerms } from './call-terms.js';
import { refuseCost } from './cost-refusal.js';
import type { Demand, OutputBound } from './estimate.js';
import type { HostedTools } from './hosted-tools.js';
import { billedBeyondWindow, boundInput, repeatInput } from './input-usage.js';
import { type InputReader, measureInput, withCountedMedia } from './measure-input.js';
import { leastOutputFor } from './output-limit.js';
import { measureTexts } from './text-tokens.js';

/** @param addedTokens the tokens that the vendor adds */
export function boundBody(
  body: object,
  { price, limits, counted, storedPictures = 0 }: CallTerms,
  reader: InputReader,
  addedTokens: number,
): BoundBody {
  const own = withCountedMedia(measureInput(body, reader, measureTexts(counted)), counted?.media);
  if (own.filledBy === 'document' && price.billing.refusesDocuments === true) refuseCost('file', 'not_priced');
  const measure = { ...own, images: own.images + storedPictures };
  return {
    inputs: boundInput(measure, { price, limits, addedTokens, countedInput: counted?.input }),
    beyondWindow: billedBeyondWindow(measure, limits),
  };
}

export interface BoundBody {
  readonly inputs: readonly Usage[];
  /** Picture tokens that may be billed in addition to a full context window: see `ModelLimits.inflatesPictures`. */
  readonly beyondWindow: number;
}

/** The output limit of a request. `asked` is undefined if the request sets no limit. `maximum` is the model's limit. */
export interface OutputLimit {
  readonly asked: number | undefined;
  readonly maximum: number;
  readonly choices: number;
  readonly least?: number;
}

export function bindOutput({ asked, maximum, choices, least }: OutputLimit): OutputBound {
  if (choices < 1) refuseCost('n', 'malformed');
  const tokens = asked ?? maximum;
  return {
    kind: 'outputTokens',
    tokens,
    choices,
    leastTokens: leastOutputFor(tokens, least),
    isOpen: asked === undefined,
  };
}

export interface ChatParts {
  readonly bound: BoundBody;
  readonly output: OutputBound;
  readonly tools: HostedTools;
}

/** Combines the costs of a chat. If the vendor runs tools, the model reads the chat several times. */
export function demandChat(body: JsonObject, { bound, output, tools }: ChatParts, { limits }: CallTerms): Demand {
  const { inputs, beyondWindow } = bound;
  const demandWith = ({ rounds, readsPerRound, fees, members }: HostedTools): Pick<Demand, 'body' | 'inputs'> => {
    const readPerRound = (tokens: number): number =>
      Math.min(limits.maxInputTokens, readsPerRound(tokens, output.tokens)) + beyondWindow;
    return {
      body: { ...body, ...members },
      inputs: repeatInput(inputs, rounds, readPerRound).map((usage) => ({ ...usage, ...fees })),
    };
  };
  if (tools.rounds === 1) return { body, inputs, output };
  const { calls } = tools;
  return {
    ...demandWith(tools),
    output,
    ...(calls && { toolCalls: { ...calls, limitedTo: (most: number) => demandWith(calls.limitedTo(most)) } }),
  };
}
