import type { ChosenNotice } from '@aipassport/store/authorization';
import type { FixedId } from '../texts/texts.js';

/** When a notice is sent, as the end of a sentence that begins with "when". */
export const noticeTexts: Readonly<Record<ChosenNotice, FixedId>> = {
  new_app: 'email.noticeNewApp',
  budget: 'email.noticeBudget',
  key_refused: 'email.noticeKeyRefused',
  access_ends: 'email.noticeAccessEnds',
};
