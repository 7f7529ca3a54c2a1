import { type EstimatesOf, free } from '../operation-estimate.js';
import { demandGoogleContent } from './demand.js';
import { demandGoogleEmbedding, demandGoogleEmbeddings } from './demand-embeddings.js';
import { limitContent } from './output-limit.js';

export const googleEstimates: EstimatesOf<'google'> = {
  'google.generateContent': { demand: demandGoogleContent, limitOutput: limitContent },
  'google.streamGenerateContent': { demand: demandGoogleContent, limitOutput: limitContent },
  'google.countTokens': free,
  'google.embedContent': { demand: demandGoogleEmbedding, limitOutput: undefined },
  'google.batchEmbedContents': { demand: demandGoogleEmbeddings, limitOutput: undefined },
};
