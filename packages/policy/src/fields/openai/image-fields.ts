import { type FieldTable, harmless, input, modelName, output, rate, state } from '../field.js';
import { each, files, members, onlyDefault, pricedFor, whole } from '../field-rule.js';
import { stream } from './shared-fields.js';

const pictures = {
  model: modelName,
  prompt: input('A description of the picture.'),
  size: output('Width and height. Larger pictures have more tokens.'),
  background: harmless('Whether the background is transparent.'),
  moderation: harmless('How strictly the prompt is checked.'),
  response_format: harmless('Whether the answer contains the picture or its URL.'),
  user: harmless('Your identifier of an end user.'),
  safety_identifier: harmless('Your identifier of an end user, for the provider’s abuse checks.'),
  stream,
  n: output('How many pictures are generated. Each is billed.', whole(1, 10)),
  partial_images: output('How many unfinished pictures are sent before the final one. Each is billed.', whole(0, 3)),
  output_compression: harmless('The compression of the picture, in percent.', whole(0, 100)),
  // With other values of these fields, the number of tokens is unknown, or a second model draws the picture, or it is
  // drawn frame by frame.
  quality: output('The quality of the picture.', pricedFor('auto', 'low', 'medium', 'high', 'standard', 'hd')),
  output_format: rate('The format of the picture.', pricedFor('png', 'jpeg', 'webp')),
  complexity: rate('How detailed the picture is.', onlyDefault()),
  svg: rate('Generates the picture as SVG.', onlyDefault()),
  frame_count: rate('How many frames are generated.', onlyDefault()),
  frame_duration_ms: rate('How long one frame is shown, in milliseconds.', onlyDefault()),
} satisfies FieldTable;

/** https://platform.openai.com/docs/api-reference/images/create */
export const imageGenerationFields = {
  ...pictures,
  style: harmless('Whether the picture is vivid or natural.'),
} satisfies FieldTable;

const inputFidelity = rate(
  'How closely the result keeps to the details of the given pictures.',
  pricedFor('low', 'high'),
);

/** The fields of a form. https://platform.openai.com/docs/api-reference/images/createEdit */
export const imageEditFields = {
  ...pictures,
  image: {
    ...input('The pictures to edit. If there are several, each field is named `image[]`.', files(16)),
    isRequired: true,
  },
  mask: input('A picture whose transparent areas mark what to edit.', files(1)),
  markup: input('A file with marks that show what to edit.', files(1)),
  input_fidelity: inputFidelity,
} satisfies FieldTable;

/** Where a picture comes from. A URL needs the owner's permission, and a stored file is refused. */
const picture = {
  image_url: input('A data URL, or a URL on the web.'),
  file_id: state('A file that the provider stores. It is refused.'),
} satisfies FieldTable;

/** The fields of the same request as JSON. */
export const jsonImageEditFields = {
  ...pictures,
  images: {
    ...input('The pictures to edit.', each(picture, { minItems: 1, maxItems: 16 })),
    isRequired: true,
  },
  mask: input('A picture whose transparent areas mark what to edit.', members(picture)),
  input_fidelity: inputFidelity,
} satisfies FieldTable;

/** The legacy form that makes variations of one picture, without a prompt. */
export const imageVariationFields = {
  model: harmless('The model. By default `dall-e-2`.', { rule: 'model' }),
  image: { ...input('The picture.', files(1)), isRequired: true },
  n: pictures.n,
  size: pictures.size,
  response_format: pictures.response_format,
  user: pictures.user,
} satisfies FieldTable;
