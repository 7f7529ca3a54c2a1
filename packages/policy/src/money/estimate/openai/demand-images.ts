import type { PricedBodyOf } from '../../../fields/field-tables.js';
import type { Price } from '../../price.js';
import type { Usage } from '../../usage.js';
import type { CallTerms } from '../call-terms.js';
import { refuseCost } from '../cost-refusal.js';
import type { Demand } from '../estimate.js';
import { boundInput } from '../input-usage.js';
import { measureInput } from '../measure-input.js';
import { isSet, readChoices, readCount } from '../output-limit.js';
import { openaiInput } from './read-input.js';

/** The tokens of each partial picture: https://platform.openai.com/docs/guides/image-generation */
export const partialImageTokens = 100;

/** OpenAI's images/generations: the prompt, and output tokens by quality and size, for each of the `n` pictures. */
export function demandImages(body: PricedBodyOf<'openai.images/generations'>, { price, limits }: CallTerms): Demand {
  if (price.named.has('outputImages')) return demandByPicture(body);
  const outputImageTokens = boundPictures(body, price);
  const inputs = boundInput(measureInput(body, openaiInput), { price, limits, addedTokens: 0 });
  return { body, inputs: inputs.map((usage) => ({ ...repeat(usage, readPictures(body)), outputImageTokens })) };
}

/** The text tokens that the vendor bills for an edit besides its prompt: a base, and more for each input picture. */
const editFrameTokens = 16;
const textTokensPerPicture = 64;

/**
 * https://developers.openai.com/api/docs/guides/images-vision, for gpt-image-1: a picture is scaled to 2,048 by 512 at
 * most, which is four tiles of 129 tokens and a base of 65. High fidelity adds up to 6,240. The numbers are rounded up,
 * because nothing is published for gpt-image-1-mini.
 */
const lowFidelityTokens = 768;
const highFidelityTokens = lowFidelityTokens + 6_240;

/**
 * OpenAI's images/edits: the same as images/generations, and the input pictures in addition. In `body`, each member for
 * files holds the number of its files. Each answer is billed like a separate request.
 */
export function demandImageEdits(body: PricedBodyOf<'openai.images/edits'>, terms: CallTerms): Demand {
  const { image, mask, markup, ...texts } = body;
  const pictures = [image, mask, markup].reduce<number>((sum, count) => sum + (Number(count) || 0), 0);
  return demandEdits({ body, texts, pictures }, terms);
}

/** OpenAI's images/edits with a JSON body, which contains the pictures as data or URLs. */
export function demandJsonImageEdits(body: PricedBodyOf<'openai.images/edits.json'>, terms: CallTerms): Demand {
  const { images, mask, ...texts } = body;
  const pictures = (Array.isArray(images) ? images.length : 0) + (isSet(mask) ? 1 : 0);
  return demandEdits({ body, texts, pictures }, terms);
}

type PictureBody = Omit<PricedBodyOf<'openai.images/generations'>, 'prompt'>;
type EditBody = PictureBody & Pick<PricedBodyOf<'openai.images/edits'>, 'input_fidelity'>;

interface PictureEdit {
  readonly body: EditBody;
  /** All members except the pictures. */
  readonly texts: object;
  readonly pictures: number;
}

/** OpenAI's images/variations: one picture and no prompt. Answers report no usage, so pictures are counted. */
export function demandImageVariations(body: PricedBodyOf<'openai.images/variations'>, terms: CallTerms): Demand {
  return demandEdits({ body, texts: {}, pictures: Number(body.image) || 1 }, terms);
}

function demandEdits({ body, texts, pictures }: PictureEdit, { price, limits }: CallTerms): Demand {
  if (price.named.has('outputImages')) return demandByPicture(body);
  const outputImageTokens = boundPictures(body, price);
  const choices = readChoices(body, 'n');
  // Later models read every picture in high fidelity.
  const isLow = price.modelId.startsWith('gpt-image-1') && body.input_fidelity !== 'high';
  const pictureTokens = pictures * (isLow ? lowFidelityTokens : highFidelityTokens) * choices;
  const kind = price.named.has('inputImageTokens') ? 'inputImageTokens' : 'inputTokens';
  const addedTokens = editFrameTokens + textTokensPerPicture * pictures;
  const inputs = boundInput(measureInput(texts, openaiInput), { price, limits, addedTokens }).map((usage) => {
    const repeated = repeat(usage, choices);
    return { ...repeated, [kind]: (repeated[kind] ?? 0) + pictureTokens, outputImageTokens };
  });
  return { body, inputs };
}

function repeat(usage: Usage, times: number): Usage {
  return Object.fromEntries(Object.entries(usage).map(([name, tokens]) => [name, tokens * times]));
}

function demandByPicture(body: PictureBody): Demand {
  return { body, inputs: [{ outputImages: readPictures(body) }] };
}

function readPictures(body: PictureBody): number {
  const choices = readChoices(body, 'n');
  return choices < 1 ? refuseCost('n', 'malformed') : choices;
}

function boundPictures(body: PictureBody, price: Price): number {
  const quality = readQuality(body.quality);
  const each = price.modelId.startsWith('gpt-image-1')
    ? tokensOfFixedSize(quality, body.size === '1024x1024')
    : tokensOfArea(quality, readArea(body.size));
  const partial = (readCount(body, 'partial_images') ?? 0) * partialImageTokens;
  return (each + partial) * readPictures(body);
}

type Quality = 'low' | 'medium' | 'high';

/** A quality that is absent, unknown or `auto` counts as `high`, because the vendor may choose the best quality. */
function readQuality(value: unknown): Quality {
  return value === 'low' || value === 'medium' ? value : 'high';
}

/**
 * The guide's table for gpt-image-1 (low 272 to 408, medium 1,056 to 1,584, high 4,160 to 6,240). The values here are
 * higher. They follow from the prices of gpt-image-1-mini for each picture, because its table is not published.
 */
const fixedSizes: Readonly<Record<Quality, readonly [square: number, other: number]>> = {
  low: [640, 768],
  medium: [1_408, 1_920],
  high: [4_608, 6_656],
};

function tokensOfFixedSize(quality: Quality, isSquare: boolean): number {
  return fixedSizes[quality][isSquare ? 0 : 1];
}

/** Patches along one side of a picture, from gpt-image-2 on, as in the calculator on the pricing page. */
const patchesPerSide: Readonly<Record<Quality, number>> = { low: 16, medium: 48, high: 96 };
const maxPixels = 8_294_400;

/** Assumes a square, since no other shape with this area has more patches. */
function tokensOfArea(quality: Quality, pixels: number): number {
  return Math.ceil((patchesPerSide[quality] ** 2 * (2_000_000 + pixels)) / 4_000_000);
}

function readArea(size: unknown): number {
  const match = typeof size === 'string' ? /^(\d{2,4})x(\d{2,4})$/.exec(size) : null;
  return match === null ? maxPixels : Math.min(maxPixels, Number(match[1]) * Number(match[2]));
}
