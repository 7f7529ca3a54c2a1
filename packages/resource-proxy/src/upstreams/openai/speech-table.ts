import { Denied } from '../../denials/denial.js';
import { describeValue } from '../../denials/describe-value.js';
import { type RequestTable, words } from '../request-table.js';

/** https://platform.openai.com/docs/api-reference/audio/createSpeech */
export const speechTable: RequestTable = {
  passed: words('model input voice instructions response_format speed stream_format'),
  adjust: ({ voice }) => {
    // A voice of one's own is given by the identifier that the vendor keeps it under.
    if (voice === undefined || (typeof voice === 'string' && !voice.startsWith('voice_'))) return;
    throw new Denied({ reason: 'stored_state_refused', field: 'voice', found: describeValue(voice) });
  },
};
