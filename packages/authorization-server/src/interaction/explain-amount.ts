import {
  type Capability,
  countUses,
  type Example,
  type GrantTerms,
  type Limits,
  type NanoUsd,
} from '@aipassport/policy';
import { type Message, message } from '../texts/texts.js';
import { type Catalogues, listExamples, type ModelExample, otherPurposes } from './list-examples.js';

/** An example of the uses that an amount of money pays for, with an explanation of one such use. */
export interface Explanation {
  readonly text: Message;
  /** undefined: the text needs no explanation. */
  readonly about: Message | undefined;
}

interface Spending {
  readonly amount: NanoUsd;
  readonly period: 'total' | 'month' | 'day';
}

const monthDays = 30n;

/**
 * Says what the money is enough for. For an app that can chat, these are short chats, and nothing else, so that the
 * buttons stay on the first screen of a phone. For other apps, they are pictures, minutes of speech or of
 * transcription, and pages of text for embeddings. Each is counted with the cheapest model, and also with the most
 * expensive one unless that number is the same or 0.
 * @returns nothing when there is no spending limit, or no model has a price for what the app can do
 */
export function explainAmount(
  { tokens, limits }: GrantTerms,
  now: Date,
  catalogues: Catalogues,
): readonly Explanation[] {
  const spending = findSpending(limits);
  if (spending === undefined) return [];
  const listFor = (capability: Capability) => listExamples(tokens, { capability, now }, catalogues);
  const chats = listFor('chat');
  const examples = chats.length > 0 ? chats : otherPurposes.flatMap(listFor);
  const groups = [...Map.groupBy(examples, ({ use }) => use).values()];
  const isEnough = ([cheapest]: readonly ModelExample[]) =>
    cheapest !== undefined && countUses(spending.amount, cheapest) > 0;
  return [
    ...groups.filter(isEnough).flatMap((group, index) => explainUse(group, spending, index === 0 ? 'first' : 'other')),
    ...groups.filter((group) => !isEnough(group)).flatMap(explainLack),
  ];
}

/** The total limit, or else the stricter one of the limits by month and by day. */
function findSpending({ maxCost, maxCostPerMonth, maxCostPerDay }: Limits): Spending | undefined {
  if (maxCost !== undefined) return { amount: maxCost, period: 'total' };
  const isMonthStricter = maxCostPerDay === undefined || (maxCostPerMonth ?? 0n) <= maxCostPerDay * monthDays;
  if (maxCostPerMonth !== undefined && isMonthStricter) return { amount: maxCostPerMonth, period: 'month' };
  return maxCostPerDay === undefined ? undefined : { amount: maxCostPerDay, period: 'day' };
}

/** @param examples the same use of several models, the cheapest first */
function explainUse(
  examples: readonly ModelExample[],
  { amount, period }: Spending,
  place: 'first' | 'other',
): readonly Explanation[] {
  const [cheapest, dearest] = [examples.at(0), examples.at(-1)];
  if (cheapest === undefined || dearest === undefined) return [];
  const [many, few] = [countUses(amount, cheapest), countUses(amount, dearest)];
  const { use, model } = cheapest;
  const values = { place, use, period };
  const text =
    few === many || few === 0
      ? message('summary.enough', { ...values, count: many, model })
      : message('summary.enoughRange', { ...values, count: few, dear: dearest.model, many, cheap: model });
  return [{ text, about: describeUse(cheapest) }];
}

function explainLack([cheapest]: readonly ModelExample[]): readonly Explanation[] {
  if (cheapest === undefined) return [];
  const { use, model } = cheapest;
  return [{ text: message('summary.notEnough', { use, model }), about: describeUse(cheapest) }];
}

function describeUse({ use, usage }: Example): Message | undefined {
  const { inputTokens, outputTokens, outputImageTokens, inputCharacters } = usage;
  if (use === 'chat') return message('summary.shortChat', { input: inputTokens ?? 0, output: outputTokens ?? 0 });
  if (use === 'page') return message('summary.page', { tokens: inputTokens ?? 0 });
  if (outputImageTokens !== undefined) return message('summary.picture', { tokens: outputImageTokens });
  return inputCharacters === undefined ? undefined : message('summary.speech', { characters: inputCharacters });
}
