import { Denied } from '../../denials/denial.js';
import { describeValue } from '../../denials/describe-value.js';
import { stateless } from '../../state/state-facts.js';
import type { RequestAdjustment, RequestAdjustments } from '../upstream-api.js';
import { applyCountState, applyResponseState } from './response-state.js';
import { requireOwnFiles } from './stored-files.js';

/** Models that search for every answer, even if the request has no search options. */
const searchModel = /-search-(preview|api)/;

const adjustChat: RequestAdjustment = (_body, { capabilities, state }, modelId) => {
  if (searchModel.test(modelId)) capabilities.add('tools.web');
  const names = [...(state.files?.keys() ?? [])];
  if (names.length === 0) return;
  if (state.terms.found !== undefined) requireOwnFiles(state);
  state.facts = { ...stateless, needsOwnKey: true, unresolved: state.terms.found === undefined ? names : [] };
};

const adjustSpeech: RequestAdjustment = ({ voice }) => {
  // The vendor stores custom voices. A request that names a custom voice by its identifier is refused.
  if (voice === undefined || (typeof voice === 'string' && !voice.startsWith('voice_'))) return;
  throw new Denied({ reason: 'stored_state_refused', field: 'voice', found: describeValue(voice) });
};

export const openaiAdjustments: RequestAdjustments<'openai'> = {
  'openai.chat/completions': adjustChat,
  'openai.completions': undefined,
  'openai.responses': applyResponseState,
  'openai.responses/input_tokens': applyCountState,
  'openai.moderations': undefined,
  'openai.embeddings': undefined,
  'openai.images/generations': undefined,
  'openai.images/edits.json': undefined,
  'openai.audio/speech': adjustSpeech,
};
