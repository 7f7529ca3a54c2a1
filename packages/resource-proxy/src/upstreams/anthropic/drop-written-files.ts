import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';

/**
 * Earlier answers in the messages may refer to files that the vendor stores: files that code wrote, and cited files.
 * Removes these references from the body, and keeps the output of the code and the model's text.
 */
export function dropWrittenFiles({ messages }: JsonObject): void {
  if (!Array.isArray(messages)) return;
  for (const message of messages) {
    if (!isJsonObject(message) || !Array.isArray(message.content)) continue;
    for (const block of message.content) if (isJsonObject(block)) dropFilesOfBlock(block);
  }
}

function dropFilesOfBlock(block: JsonObject): void {
  if (Array.isArray(block.citations)) block.citations = block.citations.map(dropFileId);
  const result = block.content;
  if (!isJsonObject(result) || !Array.isArray(result.content)) return;
  result.content = result.content.filter((output) => !namesFile(output));
}

function namesFile(output: JsonValue): boolean {
  return isJsonObject(output) && output.file_id !== undefined;
}

function dropFileId(citation: JsonValue): JsonValue {
  if (!isJsonObject(citation)) return citation;
  const { file_id: _file, ...rest } = citation;
  return rest;
}
