import { nameSet } from '../name-set.js';

/** The parts of messages in Chat Completions and in Responses. */
export const openaiContent = nameSet(
  'text image_url input_audio file refusal',
  'input_text input_image input_file output_text summary_text reasoning_text',
  'computer_screenshot encrypted_content',
);
