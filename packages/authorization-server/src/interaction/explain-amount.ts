import {
  type Capability,
  countUses,
  type Example,
  type GrantTerms,
  type Limits,
  type NanoUsd,
} from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';
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
  /** How many requests are left; undefined when they are not limited. */
  readonly requests: number | undefined;
}

interface AmountView {
  /** The grant that is changed, which keeps its usage; undefined for a new grant. */
  readonly changed: Pick<Grant, 'usage'> | undefined;
  readonly now: Date;
}

const monthDays = 30n;

/**
 * Says what the money is enough for. For an app that can chat, only short chats are counted, so that the buttons stay
 * on the first screen of a phone. For other apps, pictures, minutes of speech or of transcription, and pages of text
 * for embeddings are counted. Each is counted with the cheapest model, and also with the most expensive one unless that
 * number is the same or 0. A chat is at least one request.
 * @returns nothing when there is no spending limit, when no request is left, or when no model has a price for what the
 * app can do
 */
export function explainAmount(
  { tokens, limits }: GrantTerms,
  { changed, now }: AmountView,
  catalogues: Catalogues,
): readonly Explanation[] {
  const spending = findSpending(limits, changed?.usage);
  if (spending === undefined || spending.requests === 0) return [];
  const listFor = (capability: Capability) => listExamples(tokens, { capability, now }, catalogues);
  const chats = listFor('chat');
  const examples = chats.length > 0 ? chats : otherPurposes.flatMap(listFor);
  const groups = [...Map.groupBy(examples, ({ use }) => use).values()];
  const isEnough = ([cheapest]: readonly ModelExample[]) =>
    cheapest !== undefined && countAffordable(spending, cheapest) > 0;
  return [
    ...groups.filter(isEnough).flatMap((group, index) => explainUse(group, spending, index === 0 ? 'first' : 'other')),
    ...groups.filter((group) => !isEnough(group)).flatMap(explainLack),
  ];
}

/**
 * Finds the amount to explain: the unspent part of the total limit. Without a total limit, it is the stricter one of
 * the limits by month and by day.
 */
function findSpending(limits: Limits, usage: Grant['usage'] | undefined): Spending | undefined {
  const { maxCost, maxCostPerMonth, maxCostPerDay, maxRequests } = limits;
  const requests = maxRequests === undefined ? undefined : Math.max(0, maxRequests - (usage?.requests ?? 0));
  if (maxCost !== undefined) {
    const left = maxCost - (usage?.spent ?? 0n);
    return { amount: left > 0n ? left : 0n, period: 'total', requests };
  }
  const isMonthStricter = maxCostPerDay === undefined || (maxCostPerMonth ?? 0n) <= maxCostPerDay * monthDays;
  if (maxCostPerMonth !== undefined && isMonthStricter) return { amount: maxCostPerMonth, period: 'month', requests };
  return maxCostPerDay === undefined ? undefined : { amount: maxCostPerDay, period: 'day', requests };
}

function countAffordable({ amount, requests }: Spending, example: Example): number {
  const count = countUses(amount, example);
  return example.use === 'chat' && requests !== undefined ? Math.min(count, requests) : count;
}

/** @param examples the same use of several models, the cheapest first */
function explainUse(
  examples: readonly ModelExample[],
  spending: Spending,
  place: 'first' | 'other',
): readonly Explanation[] {
  const [cheapest, dearest] = [examples.at(0), examples.at(-1)];
  if (cheapest === undefined || dearest === undefined) return [];
  const [many, few] = [countAffordable(spending, cheapest), countAffordable(spending, dearest)];
  const { use, model } = cheapest;
  const values = { place, use, period: spending.period };
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
