import { type EstimatesOf, free } from '../operation-estimate.js';
import { demandOpenaiChat, demandOpenaiResponses } from './demand.js';
import { demandSpeech } from './demand-audio.js';
import { demandCompletions } from './demand-completions.js';
import { demandOpenaiEmbeddings } from './demand-embeddings.js';
import { demandImageEdits, demandImages, demandImageVariations, demandJsonImageEdits } from './demand-images.js';
import { limitChat, limitCompletions, limitResponse } from './output-limit.js';

export const openaiEstimates: EstimatesOf<'openai'> = {
  'openai.chat/completions': { demand: demandOpenaiChat, limitOutput: limitChat },
  'openai.completions': { demand: demandCompletions, limitOutput: limitCompletions },
  'openai.responses': { demand: demandOpenaiResponses, limitOutput: limitResponse },
  'openai.responses/input_tokens': free,
  'openai.moderations': free,
  'openai.embeddings': { demand: demandOpenaiEmbeddings, limitOutput: undefined },
  'openai.images/generations': { demand: demandImages, limitOutput: undefined },
  'openai.images/edits': { demand: demandImageEdits, limitOutput: undefined },
  'openai.images/edits.json': { demand: demandJsonImageEdits, limitOutput: undefined },
  'openai.images/variations': { demand: demandImageVariations, limitOutput: undefined },
  'openai.audio/speech': { demand: demandSpeech, limitOutput: undefined },
};
